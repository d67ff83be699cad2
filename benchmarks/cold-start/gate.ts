// What holds before anything is timed: all contenders of a stack give the same right answers, on good input and bad, and
// their effects are seen at the emulators.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { Contender } from '../lib/contenders.ts'
import { type Effects, type Emulators, SECRET } from '../lib/emulators.ts'
import type { Start } from '../lib/runtime.ts'
import { BAD, messages, order, post, tenMessages, timedEvent, wrongOrder } from './events.ts'

/** Runs the contender on these events, one after the other in one process. */
type Run = (events: readonly unknown[]) => Promise<Start>

/** @throws {AssertionError} that says which contender answered what */
export async function gate({ stack, name, entry }: Contender, run: Run, emulators: Emulators): Promise<void> {
  const what = `${stack}, ${name}`
  switch (stack) {
    case 'bare':
      return assert.deepEqual((await run([{}])).answers, [{ statusCode: 204 }], what)
    case 'http':
      return http(what, run)
    case 'sqs':
      return sqs(what, run)
    case 'aws-call':
      return awsCall(what, run, emulators)
    case 'full':
      return full(what, run, emulators)
    case 'packages': {
      const [answer] = (await run([timedEvent(stack, entry)])).answers
      const body = (answer as { readonly body?: string }).body
      return assert.deepEqual(body === undefined ? answer : JSON.parse(body), { batchItemFailures: [] }, what)
    }
  }
}

async function http(what: string, run: Run): Promise<void> {
  const { orderId } = order()
  const bodies = [order(orderId), wrongOrder()].map(body => JSON.stringify(body))
  const { answers, output } = await run([...bodies, '{"orderId":'].map(post))
  const [good, ...bad] = answers as { readonly statusCode: number; readonly body: string }[]
  assert.equal(good?.statusCode, 201, `${what}: ${JSON.stringify(good)} ${output}`)
  assert.deepEqual(JSON.parse(good.body), { orderId, units: 7 }, what)
  // Which of 400 and 422 it is, is a matter of taste.
  for (const answer of bad)
    assert.match(String(answer.statusCode), /^(400|415|422)$/, `${what}: ${JSON.stringify(answer)}`)
  assert.equal(bad.length, 2, what)
}

async function sqs(what: string, run: Run): Promise<void> {
  const event = tenMessages() as { readonly Records: readonly { readonly messageId: string }[] }
  const { answers, output } = await run([event])
  const expected = BAD.map(index => ({ itemIdentifier: event.Records[index]?.messageId }))
  assert.deepEqual(answers, [{ batchItemFailures: expected }], `${what}: ${output}`)
  assert.equal(output.match(/took [\w-]+ 7/g)?.length, 8, what)
}

async function awsCall(what: string, run: Run, emulators: Emulators): Promise<void> {
  const orderId = randomUUID()
  const { answers, output } = await run([{ orderId }])
  assert.deepEqual(answers, [{ put: orderId }], `${what}: ${output}`)
  const { orders } = await emulators.effects()
  assert.ok(
    orders.some(({ id }) => id?.S === orderId),
    `${what}: it is not in the table`,
  )
}

async function full(what: string, run: Run, emulators: Emulators): Promise<void> {
  const orderId = randomUUID()
  const good = JSON.stringify(order(orderId))
  const wrong = JSON.stringify(wrongOrder())
  const before = await emulators.effects()
  const { answers, output } = await run([messages([good]), messages([good]), messages([wrong])])
  const after = await emulators.effects()
  assert.deepEqual(answers, Array(3).fill({ batchItemFailures: [] }), `${what}: ${output}`)
  // Once, although the message came twice.
  const [line = '{}', ...more] = output.split('\n').filter(each => each.includes('"message":"charged"'))
  assert.equal(more.length, 0, `${what}: charged more than once\n${output}`)
  assert.partialDeepStrictEqual(
    JSON.parse(line.slice(line.indexOf('{'))),
    { level: 'INFO', orderId, units: 7, keyLength: SECRET.length },
    what,
  )
  assert.equal(output.match(/"Charged":\[?1/g)?.length, 1, `${what}: the metric\n${output}`)
  assert.ok(after.secretsRead > before.secretsRead, `${what}: the secret was not read`)
  assert.deepEqual(added(before, after, 'deadLetters'), [wrong], `${what}: the dead letters`)
  const [record, ...others] = added(before, after, 'idempotency')
  assert.equal(others.length, 0, `${what}: more than one record`)
  assert.equal(record?.status?.S, 'COMPLETED', what)
}

function added<Key extends 'deadLetters' | 'idempotency'>(
  before: Effects,
  after: Effects,
  key: Key,
): Effects[Key][number][] {
  const known = new Set(before[key].map(each => JSON.stringify(each)))
  return after[key].filter(each => !known.has(JSON.stringify(each)))
}
