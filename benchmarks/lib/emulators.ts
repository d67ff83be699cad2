// DynamoDB (dynalite), SQS (fauxqs) and a small Secrets Manager, in a process of their own so that their work is nobody's.
// This file is both: what starts that process, and what runs in it.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'

/** What has been done at the emulators since they started. */
export interface Effects {
  readonly deadLetters: readonly string[]
  readonly secretsRead: number
  /** The items of the tables, in DynamoDB's JSON. */
  readonly idempotency: readonly Item[]
  readonly orders: readonly Item[]
}
export type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>

export interface Emulators {
  /** Where the clients find them. */
  readonly environment: Readonly<Record<string, string>>
  effects(): Promise<Effects>
  close(): void
}

// A key of nothing but these runs.
const CERTIFICATE = join(import.meta.dirname, '../aws-call/localhost.crt')

/** The secret `prod/psp`. */
export const SECRET = 'sk_live_bench'

/** Over HTTP, or over HTTPS as AWS itself. */
export async function startEmulators(protocol: 'http' | 'https' = 'http'): Promise<Emulators> {
  const child = fork(import.meta.filename, ['serve', protocol], { execArgv: ['--disable-warning=ExperimentalWarning'] })
  const [environment] = (await once(child, 'message')) as [Emulators['environment']]
  return {
    environment,
    async effects() {
      child.send('effects')
      const [effects] = (await once(child, 'message')) as [Effects]
      return effects
    },
    close: () => child.disconnect(),
  }
}

if (process.argv[2] === 'serve' && process.send) await serve()

async function serve(): Promise<void> {
  // @ts-expect-error it has no types
  const { default: dynalite } = await import('dynalite')
  const { startFauxqs } = await import('fauxqs')

  const tables = dynalite({ createTableMs: 0 })
  await once(tables.listen(0, '127.0.0.1'), 'listening')
  const dynamodb = `http://127.0.0.1:${tables.address().port}`
  for (const TableName of ['idempotency', 'orders'])
    await call(dynamodb, 'CreateTable', {
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    })

  const queues = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  queues.createQueue('orders-dlq', { region: 'eu-west-1' })

  let secretsRead = 0
  const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/psp-AbCdEf'
  const secret = { ARN, Name: 'prod/psp', SecretString: SECRET, VersionStages: ['AWSCURRENT'], CreatedDate: 1.7e9 }
  const secrets = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    secretsRead++
    const { SecretId, SecretIdList = [SecretId] } = JSON.parse(text)
    const batch = String(request.headers['x-amz-target']).endsWith('.BatchGetSecretValue')
    const known = SecretIdList.every((id: string) => id === secret.Name)
    const answer = known
      ? batch
        ? { SecretValues: [secret], Errors: [] }
        : secret
      : { __type: 'ResourceNotFoundException' }
    response.writeHead(known ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer))
  })
  await once(secrets.listen(0, '127.0.0.1'), 'listening')

  const scan = async (TableName: string) => (await call(dynamodb, 'Scan', { TableName })).Items
  process.on('message', async () => {
    process.send?.({
      deadLetters: queues.inspectQueue('orders-dlq')?.messages.ready.map(({ body }) => body) ?? [],
      secretsRead,
      idempotency: await scan('idempotency'),
      orders: await scan('orders'),
    })
  })
  process.on('disconnect', () => process.exit())
  const secretsPort = (secrets.address() as AddressInfo).port
  const sqs = await reachable(queues.port)
  process.send?.({
    AWS_ENDPOINT_URL_DYNAMODB: await reachable(tables.address().port),
    AWS_ENDPOINT_URL_SQS: sqs,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: await reachable(secretsPort),
    IDEMPOTENCY_TABLE: 'idempotency',
    ORDERS_TABLE: 'orders',
    SECRET_ID: 'prod/psp',
    DLQ_URL: `${sqs}/000000000000/orders-dlq`,
    ...(process.argv[3] === 'https' && { NODE_EXTRA_CA_CERTS: CERTIFICATE }),
  })
}

/** The URL of a server, with TLS before it where that is asked for. */
async function reachable(port: number): Promise<string> {
  if (process.argv[3] !== 'https') return `http://127.0.0.1:${port}`
  const key = readFileSync(CERTIFICATE.replace('.crt', '.key'))
  const server = createTlsServer(
    { key, cert: readFileSync(CERTIFICATE), ALPNProtocols: ['http/1.1'], noDelay: true },
    socket => {
      const behind = connect({ port, host: '127.0.0.1', noDelay: true })
      const end = () => {
        socket.destroy()
        behind.destroy()
      }
      socket.on('error', end).on('close', end).pipe(behind)
      behind.on('error', end).pipe(socket)
    },
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `https://localhost:${(server.address() as AddressInfo).port}`
}

async function call(endpoint: string, operation: string, input: object): Promise<{ readonly Items?: readonly Item[] }> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20260101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(input),
  })
  if (!response.ok) throw new Error(`${operation}: ${await response.text()}`)
  return (await response.json()) as { readonly Items?: readonly Item[] }
}
