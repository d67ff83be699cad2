// How long entries wait for others: by timers that the test moves.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { batcher } from '../src/batcher.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const turn = () => new Promise(resolve => setImmediate(resolve))
const { signal } = new AbortController()

/** A service whose first call does not come back. */
function slow() {
  const calls: string[][] = []
  const send = batcher<string>({
    name: 'test',
    maxBytes: 100,
    async call(entries) {
      calls.push([...entries])
      return calls.length === 1 ? new Promise(() => {}) : entries.map(() => undefined)
    },
  })
  return { calls, send }
}

it('those that come while a call is on its way wait for it 50 ms at most, however many keep coming', async () => {
  const { calls, send } = slow()
  void send('a', 1, signal)
  await turn()
  const sent = [send('b', 1, signal)]
  await turn()
  await vi.advanceTimersByTimeAsync(40)
  sent.push(send('c', 1, signal))
  await turn()
  expect(calls).toEqual([['a']])
  await vi.advanceTimersByTimeAsync(10)
  expect(calls).toEqual([['a'], ['b', 'c']])
  await Promise.all(sent)
})

it('those that fill a call do not wait at all', async () => {
  const { calls, send } = slow()
  void send('a', 1, signal)
  await turn()
  const sent = Array.from({ length: 10 }, (_, i) => send(`${i}`, 1, signal))
  const large = [send('x', 60, signal), send('y', 60, signal)]
  await turn()
  expect(calls.map(({ length }) => length)).toEqual([1, 10, 1])
  await Promise.all(sent)
  await vi.advanceTimersByTimeAsync(50)
  await Promise.all(large)
  expect(calls.at(-1)).toEqual(['y'])
})

it('one whose time is up is not sent, and hears of it', async () => {
  const { calls, send } = slow()
  void send('a', 1, signal)
  await turn()
  const own = new AbortController()
  const late = send('b', 1, own.signal)
  own.abort()
  await expect(late).rejects.toThrow('test did not take the dead letter in time')
  await vi.advanceTimersByTimeAsync(100)
  expect(calls).toEqual([['a']])
  await expect(send('c', 1, own.signal)).rejects.toThrow('in time')
})

it('a call is ended when nobody waits for it any more, and not before', async () => {
  const aborted: boolean[] = []
  const signals: AbortSignal[] = []
  const send = batcher<string>({
    name: 'test',
    maxBytes: 100,
    call: (_, abortSignal) => {
      signals.push(abortSignal)
      return new Promise(() => {})
    },
  })
  const [one, two] = [new AbortController(), new AbortController()]
  const sent = [send('a', 1, one.signal), send('b', 1, two.signal)].map(each => each.catch(() => 'late'))
  await turn()
  for (const { abort } of [one, two].map(each => ({ abort: () => each.abort() }))) {
    abort()
    aborted.push(signals[0]?.aborted ?? false)
  }
  expect(aborted).toEqual([false, true])
  expect(await Promise.all(sent)).toEqual(['late', 'late'])
})

it('a call that never ends holds no others up once nobody waits for it, whether or not its client heeds the signal', async () => {
  const { calls, send } = slow()
  const own = new AbortController()
  const given = send('a', 1, own.signal)
  await turn()
  own.abort()
  await expect(given).rejects.toMatchObject({ name: 'TimeoutError' })
  await turn()
  void send('b', 1, signal)
  await turn()
  expect(calls).toEqual([['a'], ['b']])
})
