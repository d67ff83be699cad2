// A DynamoDB and, where it is installed, a Redis for the tests.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'

export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

export interface Dynamo {
  readonly endpoint: string
  /** A table laid out as Powertools' is; with a sort key where it is named. */
  table(name: string, sortKey?: string): Promise<string>
  stop(): Promise<void>
}

export async function startDynamo(endpointOf?: string): Promise<Dynamo> {
  const server = dynalite({ createTableMs: 0 })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const endpoint = endpointOf ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new DynamoDB({ endpoint, region: 'eu-west-1', credentials })
  return {
    endpoint,
    async table(TableName, sortKey) {
      const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const })
      await client.createTable({
        TableName,
        AttributeDefinitions: [attribute('id'), ...(sortKey ? [attribute(sortKey)] : [])],
        KeySchema: [
          { AttributeName: 'id', KeyType: 'HASH' },
          ...(sortKey ? [{ AttributeName: sortKey, KeyType: 'RANGE' as const }] : []),
        ],
        BillingMode: 'PAY_PER_REQUEST',
      })
      return TableName
    },
    async stop() {
      client.destroy()
      server.close()
    },
  }
}

export const hasRedis: boolean = spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0

export interface Redis {
  readonly port: number
  stop(): void
}

export async function startRedis(): Promise<Redis> {
  const port = await freePort()
  const server: ChildProcess = spawn(
    'redis-server',
    ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: 'ignore' },
  )
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries > 200) throw new Error('redis-server did not start')
    await sleep(50)
  }
  return { port, stop: () => void server.kill('SIGKILL') }
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
