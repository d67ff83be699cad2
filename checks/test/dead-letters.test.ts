// Dead letters end to end: a real queue protocol (fauxqs), the event source mapping and the Runtime API of @lambent/local,
// a process of its own that is killed at random. Nothing between is mocked.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Message, SQS } from '@aws-sdk/client-sqs'
import { type Lambent, parseDeadLetter } from '@lambent/dead-letter'
import { type LambdaFunction, startEventSourceMapping, startFunction } from '@lambent/local'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'

const handler = join(import.meta.dirname, 'fixtures/take-orders.handler')
const region = 'eu-central-1'
const TOTAL = 1000
const KILLS = 5
/** After how many effects the process is killed: other ones in each run. */
const kills = Array.from({ length: KILLS }, () => Math.floor(Math.random() * 900)).sort((a, b) => a - b)

let server: FauxqsServer
let sqs: SQS
beforeAll(async () => {
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' }
  sqs = new SQS({ endpoint: `http://127.0.0.1:${server.port}`, region, credentials })
})
afterAll(async () => {
  sqs.destroy()
  await server.stop()
})

/** Every 20th is poison, in one of three ways. */
function order(index: number): string {
  if (index % 20 > 0) return JSON.stringify({ id: index })
  const cause = (index / 20) % 3
  // What a JSON parser, or a careless one of bytes, would not give back as it was.
  if (cause === 0) return `{ "id":${index},\t"note":"cut off 世界 é \u0065\u0301\ufffd`
  const order = cause === 1 ? { id: index, customer: 'unknown' } : { id: index, bank: 'down' }
  return `${JSON.stringify(order).slice(0, -1)}, "total": 1.0,\r\n "total": 1.0 }`
}

const left = async (QueueUrl: string): Promise<number> => {
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] })
  return Number(Attributes?.ApproximateNumberOfMessages) + Number(Attributes?.ApproximateNumberOfMessagesNotVisible)
}

const taken = (lambda: LambdaFunction): number[] =>
  lambda.logs.flatMap(({ message }) => {
    const [, id] = /\{"taken":(\d+)\}/.exec(message) ?? []
    return id ? [Number(id)] : []
  })

/** The command line, in a process of its own. */
async function lambent(...argv: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(import.meta.dirname, '../../packages/cli/dist/bin.mjs'), 'dlq', ...argv],
    {
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: endpoint(),
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: 'key',
        AWS_SECRET_ACCESS_KEY: 'secret',
      },
    },
  )
  return stdout
}

const endpoint = () => `http://127.0.0.1:${server.port}`

async function drain(QueueUrl: string): Promise<Message[]> {
  const all: Message[] = []
  for (;;) {
    const { Messages = [] } = await sqs.receiveMessage({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    })
    if (Messages.length === 0) return all
    all.push(...Messages)
  }
}

it(`of ${TOTAL} messages, with 50 that are poison and ${KILLS} kills, each is done or a dead letter, and none is lost`, async () => {
  const dlq = server.createQueue('orders-dlq', { region, attributes: { VisibilityTimeout: '60' } })
  const native = server.createQueue('orders-native', { region })
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: native.queueArn, maxReceiveCount: 10 })
  const { queueUrl } = server.createQueue('orders', { region, attributes: { VisibilityTimeout: '2', RedrivePolicy } })
  const bodies = Array.from({ length: TOTAL }, (_, index) => order(index))
  for (let i = 0; i < TOTAL; i += 10) {
    const Entries = bodies.slice(i, i + 10).map((MessageBody, n) => ({ Id: `${n}`, MessageBody }))
    expect((await sqs.sendMessageBatch({ QueueUrl: queueUrl, Entries })).Successful).toHaveLength(10)
  }

  const environment = {
    DLQ_URL: dlq.queueUrl,
    AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${server.port}`,
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
  }
  await using lambda = await startFunction({ handler, timeout: 2000, environment, region })
  const mapping = await startEventSourceMapping({
    queueUrl,
    sqs,
    function: lambda,
    functionResponseTypes: ['ReportBatchItemFailures'],
  })
  const killed = new Set<number>()
  await vi.waitFor(
    async () => {
      const { pid } = lambda
      if (pid !== undefined && !killed.has(pid) && taken(lambda).length > (kills[killed.size] ?? Infinity)) {
        killed.add(pid)
        process.kill(pid, 'SIGKILL')
      }
      expect(await left(queueUrl)).toBe(0)
    },
    { timeout: 120_000, interval: 5 },
  )

  expect(killed.size, `killed after ${kills} effects`).toBe(KILLS)
  const good = bodies.flatMap((_, index) => (index % 20 > 0 ? [index] : []))
  expect([...new Set(taken(lambda))].sort((a, b) => a - b)).toEqual(good)
  expect(await left(native.queueUrl)).toBe(0)

  await mapping.stop()

  // What somebody who is called sees, and does.
  const explained = JSON.parse(await lambent('explain', 'orders-dlq', '--json'))
  expect(explained.complete).toBe(true)
  expect(
    explained.causes.map(({ error, origin }: Explained) => [error.code, origin.sourceArn.split(':').at(-1)]).sort(),
  ).toEqual([
    ['BankDown', 'orders'],
    ['MalformedJson', 'orders'],
    ['NoCustomer', 'orders'],
  ])
  expect(await lambent('explain', 'orders-dlq')).toMatch(/orders-dlq: 5\d dead letters, 3 causes/)

  const copies = server.createQueue('copies', { region })
  await copy(dlq.queueUrl, copies.queueUrl, explained.read)
  const letters = (await drain(copies.queueUrl)).map(message => parseDeadLetter(message))
  expect(new Set(letters.map(({ format }) => format))).toEqual(new Set(['lambent']))
  // One that was killed between the letter and its answer came again: its letter may be there twice, never not at all.
  const byBody = new Map((letters as Lambent[]).map(letter => [letter.body, letter]))
  expect([...byBody.keys()].sort()).toEqual(bodies.filter((_, index) => index % 20 === 0).sort())
  const causes = new Map<string, number>()
  for (const { error } of byBody.values()) causes.set(`${error?.code}`, (causes.get(`${error?.code}`) ?? 0) + 1)
  expect(Object.fromEntries(causes)).toEqual({ MalformedJson: 17, NoCustomer: 17, BankDown: 16 })
  for (const { letter, receiveCount } of byBody.values()) {
    expect(letter.function?.name).toBe('take-orders')
    expect(letter.reason).toBe(letter.error.code === 'BankDown' ? 'attempts' : 'permanent')
    if (letter.error.code === 'BankDown') expect(receiveCount).toBeGreaterThanOrEqual(2)
  }

  // The bank is up again, the customers are known, and what was cut off is mended by an edit.
  const folder = await mkdtemp(join(tmpdir(), 'lambent-redrive-'))
  const edit = join(folder, 'mend.mjs')
  await writeFile(edit, `export default ({ body }) => ({ body: body + '"}' })`)
  expect(await lambent('redrive', 'orders-dlq', '--error', 'MalformedJson', '--edit', edit)).toContain('redriven')
  await rm(folder, { recursive: true })
  expect(await lambent('redrive', 'orders-dlq', '--error', 'BankDown')).toContain('redriven')
  expect(await lambent('redrive', 'orders-dlq', '--rate', '500')).toContain('redriven')
  expect(await left(dlq.queueUrl)).toBe(0)
  await using fixed = await startFunction({
    handler,
    timeout: 2000,
    environment: { ...environment, FIXED: '1' },
    region,
  })
  await using _again = await startEventSourceMapping({
    queueUrl,
    sqs,
    function: fixed,
    functionResponseTypes: ['ReportBatchItemFailures'],
  })
  await vi.waitFor(async () => expect(await left(queueUrl)).toBe(0), { timeout: 60_000, interval: 50 })
  expect([...new Set([...taken(lambda), ...taken(fixed)])].sort((a, b) => a - b)).toEqual(
    bodies.map((_, index) => index),
  )
  expect([await left(dlq.queueUrl), await left(native.queueUrl)]).toEqual([0, 0])
}, 240_000)

interface Explained {
  readonly error: { readonly code: string }
  readonly origin: { readonly sourceArn: string }
}

/** Another queue with the same messages, so that the first stays as it is. */
async function copy(from: string, to: string, count: number): Promise<void> {
  const all: Message[] = []
  while (all.length < count) {
    const { Messages = [] } = await sqs.receiveMessage({
      QueueUrl: from,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 30,
      MessageAttributeNames: ['All'],
    })
    all.push(...Messages)
  }
  for (const { Body, MessageAttributes, ReceiptHandle } of all) {
    await sqs.sendMessage({ QueueUrl: to, MessageBody: Body, MessageAttributes })
    await sqs.changeMessageVisibility({ QueueUrl: from, ReceiptHandle, VisibilityTimeout: 0 })
  }
}
