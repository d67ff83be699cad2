// The states of one cached value, by a clock that the tests set.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Entry, entry } from './entry.ts'

const MAX_AGE = 1000
const MAX_STALE = 5000
const PATIENCE = 200

function world(random = 0) {
  let clock = 1_000_000
  const own: Entry<string> = entry({
    maxAge: MAX_AGE,
    maxStale: MAX_STALE,
    patience: PATIENCE,
    now: () => clock,
    random: () => random,
  })
  return {
    own,
    pass: (ms: number) => {
      clock += ms
    },
    fetch: async (value: string) => own.begin(Promise.resolve(value)),
    fail: async (message: string) => own.begin(Promise.reject(new Error(message))),
  }
}

describe('an entry', () => {
  it('is missing, and due, before the first fetch', () => {
    const { own } = world()
    expect([own.state(), own.due(), own.pending()]).toEqual(['missing', true, undefined])
  })

  it('is fresh until maxAge, stale until maxStale after it, then expired', async () => {
    const { own, pass, fetch } = world()
    await fetch('one')
    expect([own.state(), own.value]).toEqual(['fresh', 'one'])
    pass(MAX_AGE - 1)
    expect(own.state()).toBe('fresh')
    pass(1)
    expect(own.state()).toBe('stale')
    pass(MAX_STALE - 1)
    expect(own.state()).toBe('stale')
    pass(1)
    expect(own.state()).toBe('expired')
  })

  it('is fresh for up to a tenth less, at random', async () => {
    const { own, pass, fetch } = world(1)
    await fetch('one')
    pass(MAX_AGE * 0.9 - 1)
    expect(own.state()).toBe('fresh')
    pass(1)
    expect(own.state()).toBe('stale')
  })

  it('is as old as the beginning of its fetch', async () => {
    const { own, pass } = world()
    let give: (value: string) => void = () => {}
    const fetching = own.begin(
      new Promise(resolve => {
        give = resolve
      }),
    )
    pass(150)
    give('one')
    await fetching
    pass(MAX_AGE - 151)
    expect(own.state()).toBe('fresh')
    pass(1)
    expect(own.state()).toBe('stale')
  })

  it('keeps its value while a refresh fails, and pauses longer each time', async () => {
    const { own, pass, fetch, fail } = world(1) // pauses of their full length
    await fetch('one')
    pass(MAX_AGE)
    for (const pause of [1000, 2000]) {
      await fail('down')
      expect([own.state(), own.value, own.due(), (own.error as Error).message]).toEqual(['stale', 'one', false, 'down'])
      pass(pause - 1)
      expect(own.due()).toBe(false)
      pass(1)
      expect(own.due()).toBe(true)
    }
    await fetch('two')
    expect([own.state(), own.value, own.error]).toEqual(['fresh', 'two', undefined])
  })

  it('is not fetched again while a fetch runs, unless that was frozen', async () => {
    const { own, pass, fetch } = world()
    void own.begin(new Promise(() => {})) // its socket died
    expect(own.due()).toBe(false)
    pass(PATIENCE - 1)
    expect(own.due()).toBe(false)
    pass(1)
    expect([own.due(), own.pending()]).toEqual([true, undefined])
    await fetch('one')
    expect(own.value).toBe('one')
  })

  it('has no failure of a fetch that froze: the next may begin at once', async () => {
    const { own, pass } = world()
    let fail: (error: Error) => void = () => {}
    const frozen = own.begin(
      new Promise((_, reject) => {
        fail = reject
      }),
    )
    pass(PATIENCE)
    fail(new Error('its timer fires when the function is thawed'))
    await frozen
    expect([own.due(), own.error]).toEqual([true, undefined])
  })

  it('is not given an older value by a fetch that was given up', async () => {
    const { own, pass, fetch } = world()
    let give: (value: string) => void = () => {}
    const frozen = own.begin(
      new Promise(resolve => {
        give = resolve
      }),
    )
    pass(PATIENCE)
    await fetch('new')
    give('old')
    await frozen
    expect(own.value).toBe('new')
  })

  it('is stale and due once it is invalidated', async () => {
    const { own, fetch } = world()
    await fetch('one')
    own.invalidate()
    expect([own.state(), own.due()]).toEqual(['stale', true])
  })
})

describe('whatever happens', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 3000 }) }),
    fc.record({ kind: fc.constant('use' as const) }),
    fc.record({ kind: fc.constant('end' as const), ok: fc.boolean() }),
    fc.record({ kind: fc.constant('invalidate' as const) }),
  )

  it('never more than one fetch is in flight that is not given up, and no value is served that is older than allowed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (steps, random) => {
          let clock = 1_000_000
          const own: Entry<number> = entry({
            maxAge: MAX_AGE,
            maxStale: MAX_STALE,
            patience: PATIENCE,
            now: () => clock,
            random: () => random,
          })
          const flights: { readonly since: number; readonly end: (ok: boolean) => void; done: boolean }[] = []
          for (const each of steps) {
            if (each.kind === 'pass') clock += each.ms
            if (each.kind === 'invalidate') own.invalidate()
            if (each.kind === 'use') {
              const state = own.state()
              if (state === 'fresh' || state === 'stale') expect(clock - own.value).toBeLessThan(MAX_AGE + MAX_STALE)
              if (state !== 'fresh' && own.due()) {
                const since = clock
                expect(flights.filter(flight => !flight.done && clock - flight.since < PATIENCE)).toEqual([])
                let end: (ok: boolean) => void = () => {}
                void own.begin(
                  new Promise((resolve, reject) => {
                    end = ok => (ok ? resolve(since) : reject(new Error('down')))
                  }),
                )
                flights.push({ since, end, done: false })
              }
            }
            if (each.kind === 'end') {
              const flight = flights.find(({ done }) => !done)
              if (flight) {
                flight.done = true
                flight.end(each.ok)
              }
            }
            await Promise.resolve()
              .then(() => {})
              .then(() => {})
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
