// A service that fails on the wire, and functions that call it: throttles, resets, slow and cut answers, and what helps.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HttpError, RetryableError, TimeoutError } from '@lambent/core'
import { sqs } from '@lambent/events/sqs'
import { lambdaContext, sqsEvent } from '@lambent/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { retriesOf, retry, withRetry } from '../src/index.ts'

type Fault = 'ok' | 'slow' | 'reset' | 'silent' | 'cut' | 'busy' | 'broken' | 'wrong'

const answers: Record<Fault, (response: ServerResponse) => void> = {
  ok: response => void response.end('{"charged":true}'),
  slow: response => void setTimeout(() => answers.ok(response), 50),
  reset: response => void response.socket?.resetAndDestroy(),
  silent: () => {},
  cut: response => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('{"char', () => response.socket?.destroy())
  },
  busy: response => void response.writeHead(429, { 'retry-after': '0' }).end(),
  broken: response => void response.writeHead(503).end(),
  wrong: response => void response.writeHead(400).end(),
}

let url: string
let plan: Fault[] = []
let seen = 0
const server = createServer((_, response) => {
  seen++
  answers[plan.shift() ?? 'ok'](response)
})
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  seen = 0
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})

async function charge({ signal }: { readonly signal: AbortSignal }): Promise<unknown> {
  const answer = await fetch(url, { method: 'POST', body: '{}', signal })
  if (!answer.ok) throw new HttpError(answer.status, 'the bank', { headers: Object.fromEntries(answer.headers) })
  return answer.json()
}

// Long enough for an answer, also where the machine is busy.
const options = {
  attempts: 4,
  budget: false,
  backoff: { base: 1, throttlingBase: 1 },
  perAttemptTimeout: 1000,
} as const

describe('a service that fails on the wire', () => {
  it('is called until it answers, whatever it did before', async () => {
    const call = withRetry(charge, options)
    const faults = fc.constantFrom<Fault[]>('reset', 'silent', 'cut', 'busy', 'broken', 'reset', 'busy', 'broken')
    const last = fc.constantFrom<Fault[]>('ok', 'slow')
    await fc.assert(
      fc.asyncProperty(fc.array(faults, { maxLength: 3 }), last, async (before, answer) => {
        plan = [...before, answer]
        seen = 0
        expect(await call({})).toEqual({ charged: true })
        expect(seen).toBe(before.length + 1)
      }),
      { numRuns: 25 },
    )
  })

  it.each<[Fault, (error: unknown) => void]>([
    ['reset', error => expect(error).toMatchObject({ name: 'TypeError' })],
    ['silent', error => expect(error).toBeInstanceOf(TimeoutError)],
    ['busy', error => expect(error).toMatchObject({ status: 429 })],
  ])('that never answers otherwise (%s) is given up after all attempts, with its own error', async (fault, check) => {
    plan = [fault, fault, fault, fault]
    const error = await withRetry(charge, options)({}).catch(caught => caught)
    check(error)
    expect([seen, retriesOf(error)?.attempts]).toEqual([4, 4])
  })

  it('that calls the request wrong is asked once', async () => {
    plan = ['wrong']
    await expect(withRetry(charge, options)({})).rejects.toMatchObject({ status: 400 })
    expect(seen).toBe(1)
  })

  it('that is silent does not hold a batch past its deadline: the record is reported', async () => {
    const handler = sqs()
      .each()
      .use(retry({ backoff: { base: 1 }, attempts: 100 }))
      .handle(async ({ signal, message }) => {
        if (message.body === 'call') await charge({ signal })
      })
    plan = Array<Fault>(100).fill('silent')
    const event = sqsEvent([
      { messageId: 'a', body: 'nothing' },
      { messageId: 'b', body: 'call' },
    ])
    const lambda = lambdaContext({ timeout: 2500 })
    expect(await handler(event, lambda)).toEqual({ batchItemFailures: [{ itemIdentifier: 'b' }] })
    expect(lambda.getRemainingTimeInMillis()).toBeGreaterThan(0)
    expect(seen).toBe(1)
  })

  it('that asks for a pause of a minute is not waited for', async () => {
    const call = withRetry(() => Promise.reject(new RetryableError('maintenance', { retryAfter: 60_000 })))
    await expect(call({})).rejects.toMatchObject({ retryAfter: 60_000 })
  })
})
