import { PermanentError, TimeoutError } from '@lambent/core'
import { eventBridge } from '@lambent/events/eventbridge'
import { sqs } from '@lambent/events/sqs'
import { http } from '@lambent/http'
import { apiGatewayProxyEventV2, eventBridgeEvent, lambdaContext, sqsEvent } from '@lambent/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { listening, through, untilAborted } from '../test/pipelines.ts'
import { bulkhead, timeout } from './index.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const never = () => new Promise<never>(() => {})

/** What came of it, and after how many ms. */
async function timed<T>(outcome: Promise<T>): Promise<{ value?: T; error?: unknown; ms: number }> {
  const began = Date.now()
  const settled = outcome.then(
    value => ({ value, ms: Date.now() - began }),
    error => ({ error, ms: Date.now() - began }),
  )
  await vi.runAllTimersAsync()
  return settled
}

describe('timeout(ms)', () => {
  it('hands on what ends in time, and leaves no timer', async () => {
    expect(await through([timeout(100)], () => 'done')).toBe('done')
    expect(vi.getTimerCount()).toBe(0)
    const error = new PermanentError('no')
    const failing = through([timeout(100)], () => {
      throw error
    })
    await expect(failing).rejects.toBe(error)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('fires the signal with a TimeoutError, which is retryable', async () => {
    const seen: unknown[] = []
    const outcome = through(
      [timeout(200)],
      ({ signal, deadline }) => {
        seen.push(deadline.remaining())
        return untilAborted(signal)
      },
      { lambda: lambdaContext() },
    )
    const { error, ms } = await timed(outcome)
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toMatchObject({ message: 'no end after 200 ms', retryable: true })
    expect([ms, seen]).toEqual([200, [200]])
  })

  it('fails a unit that ignores its signal, and tells how long it took and what was waited for', async () => {
    const { events, listen } = listening()
    const { error, ms } = await timed(through([listen, timeout(200)], never, { lambda: lambdaContext() }))
    expect([error, ms]).toEqual([expect.any(TimeoutError), 200])
    expect(events).toMatchObject([
      {
        name: 'timeout.reached',
        level: 'warn',
        error,
        unit: { id: 'u-1' },
        fields: { limit: 200, elapsed: 200, deadline: false, waitingFor: expect.any(String) },
      },
    ])
  })

  it('narrows what is narrow already: the shorter one counts', async () => {
    expect((await timed(through([timeout(100), timeout(200)], never))).ms).toBe(100)
    expect((await timed(through([timeout(200), timeout(100)], never))).ms).toBe(100)
    const inner = await timed(through([timeout(200), timeout(300)], ({ deadline }) => deadline.remaining()))
    expect(inner.value).toBe(200)
  })

  it('ends at the deadline where that is sooner', async () => {
    const { events, listen } = listening()
    const lambda = lambdaContext({ timeout: 300 })
    const { error, ms } = await timed(through([listen, timeout(5000)], never, { lambda }))
    expect(ms).toBe(300)
    expect(error).toMatchObject({ name: 'TimeoutError', message: 'the deadline was reached after 300 ms' })
    expect(events).toMatchObject([{ level: 'error', fields: { deadline: true } }])
  })

  it.each([
    ['fails', () => new Promise((_, reject) => setTimeout(reject, 500, new Error('late')))],
    ['ends well', () => new Promise(resolve => setTimeout(resolve, 500, 'late'))],
  ])('ignores a unit that %s later, and no rejection is left unhandled', async (_, handler) => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const { error } = await timed(through([timeout(100)], handler))
    expect(error).toBeInstanceOf(TimeoutError)
    vi.useRealTimers()
    await new Promise(resolve => setTimeout(resolve, 20))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  it.each([0, -1, Number.NaN, '5'])('%j is refused where it is given', ms => {
    expect(() => timeout(ms as number)).toThrow(RangeError)
  })
})

describe('timeout()', () => {
  it('answers a request before Lambda ends the process: 504 by the reserve', async () => {
    const { events, listen } = listening()
    const handler = http().use(listen).use(timeout()).handle(never)
    const { value, ms } = await timed(handler(apiGatewayProxyEventV2(), lambdaContext({ timeout: 3000 })))
    expect(ms).toBe(2500)
    expect(value).toMatchObject({ statusCode: 504 })
    expect(events.map(({ name }) => name)).toEqual(['timeout.reached', 'http.error'])
    expect(events[0]).toMatchObject({
      level: 'error',
      unit: { kind: 'invocation' },
      fields: { elapsed: 2500, deadline: true },
    })
  })

  it('fires the signal before the answer, so that what is left behind hears of it, and holds no place', async () => {
    let calls = 0
    const handler = http()
      .use(timeout())
      .use(bulkhead({ concurrency: 1, queue: 0 }))
      .handle(({ signal }) => {
        signal.addEventListener('abort', () => heard.push(signal.reason))
        return ++calls === 1 ? never() : 'done'
      })
    const heard: unknown[] = []
    await timed(handler(apiGatewayProxyEventV2(), lambdaContext({ timeout: 3000 })))
    expect(heard).toEqual([expect.any(TimeoutError)])
    const next = await timed(handler(apiGatewayProxyEventV2(), lambdaContext({ timeout: 3000 })))
    expect(next.value).toMatchObject({ statusCode: 200 })
  })

  it('fails an asynchronous invocation at the deadline, while there is time for its dead letter', async () => {
    const handler = eventBridge().use(timeout()).handle(never)
    const event = eventBridgeEvent({ source: 'shop', 'detail-type': 'Ordered', detail: {} })
    const { error, ms } = await timed(handler(event, lambdaContext({ timeout: 3000 })))
    expect([error, ms]).toEqual([expect.any(TimeoutError), 2500])
  })

  it('does nothing where there is no deadline', async () => {
    expect(await through([timeout()], ({ deadline }) => deadline.at)).toBe(Infinity)
  })

  const slowAndQuick = () =>
    sqsEvent([
      { messageId: 'a', body: 'quick' },
      { messageId: 'b', body: 'slow' },
    ])

  it('of a record fails that record, and others are done', async () => {
    const { events, listen } = listening()
    const handler = sqs()
      .use(listen)
      .each()
      .use(timeout())
      .handle(async ({ message }) => {
        if (message.body === 'slow') await never()
      })
    const { value, ms } = await timed(handler(slowAndQuick(), lambdaContext({ timeout: 3000 })))
    expect([value, ms]).toEqual([{ batchItemFailures: [{ itemIdentifier: 'b' }] }, 2500])
    expect(events.filter(({ name }) => name === 'timeout.reached')).toMatchObject([
      { unit: { kind: 'record', id: 'b' } },
    ])
  })

  it('of a whole batch leaves the source the time to report what is done', async () => {
    const { events, listen } = listening()
    const handler = sqs()
      .use(listen)
      .use(timeout())
      .each()
      .handle(async ({ message }) => {
        if (message.body === 'slow') await never()
      })
    const { value, ms } = await timed(handler(slowAndQuick(), lambdaContext({ timeout: 3000 })))
    expect([value, ms]).toEqual([{ batchItemFailures: [{ itemIdentifier: 'b' }] }, 2750])
    expect(events.map(({ name, unit }) => [name, unit?.id])).toContainEqual(['batch.record.failed', 'b'])
    expect(events[0]).toMatchObject({ name: 'timeout.reached', level: 'error', unit: { kind: 'invocation' } })
  })

  it('of a handler of a whole batch fails it before Lambda would', async () => {
    const handler = sqs().use(timeout()).handle(never)
    const { error, ms } = await timed(handler(sqsEvent(), lambdaContext({ timeout: 3000 })))
    expect([error, ms]).toEqual([expect.any(TimeoutError), 2875])
  })

  it('serves 50 records at once on one signal, without a warning of Node', async () => {
    const warned = vi.fn()
    process.on('warning', warned)
    const handler = sqs()
      .each({ concurrency: 50 })
      .use(timeout(100))
      .handle(async ({ message, signal }) => {
        if (message.body !== '0') await untilAborted(signal)
      })
    const event = sqsEvent(Array.from({ length: 50 }, (_, i) => ({ messageId: `m-${i}`, body: `${i}` })))
    const { value } = await timed(handler(event, lambdaContext({ timeout: 3000 })))
    vi.useRealTimers()
    await new Promise(resolve => setTimeout(resolve, 20))
    process.off('warning', warned)
    expect(value?.batchItemFailures).toHaveLength(49)
    expect(warned).not.toHaveBeenCalled()
  })
})

it('names what is waited for, as Node sees it', async () => {
  vi.useRealTimers()
  const { events, listen } = listening()
  const server = process.getBuiltinModule('node:net').createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  await through([listen, timeout(20)], never).catch(() => {})
  await new Promise(resolve => server.close(resolve))
  expect(events[0]?.fields?.waitingFor).toMatch(/TCPServerWrap \d/)
})
