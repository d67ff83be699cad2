// Circuits on moto, a DynamoDB of another make than dynalite: where `moto_server` is on the machine.
import { DynamoDB as Sdk } from '@aws-sdk/client-dynamodb'
import { DynamoDB } from '@lambent/aws/dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasMoto, type Moto, startMoto } from '../../../aws/test/moto/moto.ts'
import { circuitOf } from '../../src/circuit.ts'
import { dynamoDbCircuitStore } from '../../src/index.ts'

if (!hasMoto)
  it('does not run here: there is no moto_server', () =>
    console.log('moto_server is not on this machine: its tests did not run'))
else {
  let moto: Moto
  let clients: { readonly ours: DynamoDB; readonly sdk: Sdk }
  beforeAll(async () => {
    moto = await startMoto()
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const config = { region: 'us-east-1', endpoint: moto.endpoint, credentials }
    clients = { ours: new DynamoDB(config), sdk: new Sdk(config) }
    await clients.sdk.createTable({
      TableName: 'circuits',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    })
  }, 120_000)
  afterAll(() => {
    clients?.sdk.destroy()
    moto?.stop()
  })

  describe.each(['ours', 'sdk'] as const)('by the client that is %s', which => {
    const store = () => dynamoDbCircuitStore({ tableName: 'circuits', client: clients[which] })
    const call = { signal: new AbortController().signal }

    it('a write gives what is stored then: its own record, or that of the one who was first', async () => {
      const first = { state: 'open', until: 1000, version: 'v1' } as const
      const second = { state: 'halfOpen', until: 2000, version: 'v2' } as const
      expect(await store().read(`cas-${which}`, call)).toBeUndefined()
      expect(await store().write(`cas-${which}`, first, undefined, call)).toEqual(first)
      expect(await store().write(`cas-${which}`, second, undefined, call)).toEqual(first)
      expect(await store().write(`cas-${which}`, second, 'v0', call)).toEqual(first)
      expect(await store().write(`cas-${which}`, second, 'v1', call)).toEqual(second)
      expect(await store().read(`cas-${which}`, call)).toEqual(second)
    })

    it('one of many processes probes', async () => {
      const name = `probe-${which}`
      await store().write(name, { state: 'open', until: Date.now() - 1, version: 'v1' }, undefined, call)
      const circuits = Array.from({ length: 8 }, () =>
        circuitOf({
          ...{ name, store: store(), failureThreshold: 1, failureRate: 1, window: 1000 },
          ...{ recoveryTimeout: 60_000, probeLease: 60_000, maxAge: 5000 },
        }),
      )
      await Promise.all(circuits.map(circuit => circuit.refresh()))
      const entered = await Promise.all(circuits.map(circuit => circuit.enter({})))
      expect(entered.filter(each => 'ended' in each)).toMatchObject([{ probe: true }])
    })
  })
}
