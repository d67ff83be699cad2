import { createHook } from 'node:async_hooks'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, it, vi } from 'vitest'
import { lambda, plain } from '../test/source.ts'
import { describe } from './index.ts'
import { createTelemetry } from './telemetry.ts'

afterEach(() => vi.restoreAllMocks())

it('prints warnings and errors as lines of JSON where nobody listens, and nothing else', async () => {
  const lines: string[] = []
  vi.spyOn(console, 'error').mockImplementation(line => lines.push(line))
  vi.spyOn(console, 'warn').mockImplementation(line => lines.push(line))
  const cause = Object.assign(new Error('inner'), { code: 'ECONNRESET' })
  const handler = plain().handle(({ telemetry, unit }) => {
    telemetry.emit({ name: 'a', level: 'info', message: 'quiet' })
    telemetry.emit({ name: 'b', level: 'warn', message: 'loud', unit, fields: { count: 2 } })
    telemetry.emit({ name: 'c', level: 'error', message: 'bad', error: new Error('outer', { cause }) })
  })
  await handler({}, lambda())
  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    { level: 'warn', name: 'b', message: 'loud', source: 'test:plain', id: 'r-1', fields: { count: 2 } },
    { level: 'error', name: 'c', error: { message: 'outer', cause: { message: 'inner', code: 'ECONNRESET' } } },
  ])
})

it('makes no promise of what nobody hears', async () => {
  const made: unknown[] = []
  const hook = createHook({ init: (_id, type) => type === 'PROMISE' && made.push(type) })
  const telemetry = createTelemetry()
  hook.enable()
  for (const level of ['debug', 'info'] as const) telemetry.emit({ name: 'x', level, message: 'm' })
  const unheard = made.length
  telemetry.subscribe(() => {})
  telemetry.emit({ name: 'x', level: 'debug', message: 'm' })
  hook.disable()
  expect(unheard).toBe(0)
  expect(made).not.toEqual([]) // it would have been seen
})

it('leaves the console to a listener', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {})
  const heard: string[] = []
  const handler = plain()
    .use(async (ctx, next) => {
      ctx.telemetry.subscribe(event => heard.push(event.name))
      return next()
    })
    .handle(({ telemetry }) => telemetry.emit({ name: 'x', level: 'error', message: 'bad' }))
  await handler({}, lambda())
  expect(heard).toEqual(['x'])
  expect(error).not.toHaveBeenCalled()
})

it('keeps a listener that throws from changing what becomes of the unit', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {})
  const handler = plain()
    .use(async (ctx, next) => {
      ctx.telemetry.subscribe(() => {
        throw new Error('the logger is broken')
      })
      return next()
    })
    .handle(({ telemetry }) => {
      telemetry.emit({ name: 'x', level: 'info', message: 'm' })
      return 'done'
    })
  expect(await handler({}, lambda())).toBe('done')
  expect(error).toHaveBeenCalledOnce()
})

it.each([
  ['a bigint as code', Object.assign(new Error('x'), { code: 5n })],
  ['a circle as code', Object.assign(new Error('x'), { code: Object.assign(Object.create(null), {}) })],
  [
    'a message that throws',
    Object.defineProperty(new Error('x'), 'message', {
      get() {
        throw new Error('no')
      },
    }),
  ],
  ['a circle of causes', circle()],
  ['a symbol', Symbol('s')],
])('prints anything thrown without failing the unit: %s', async (_name, error) => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  const handler = plain().handle(({ telemetry }) => {
    telemetry.emit({ name: 'x', level: 'error', message: 'm', error })
    return 'done'
  })
  expect(await handler({}, lambda())).toBe('done')
  expect(printed).toHaveBeenCalledOnce()
})

function circle(): Error {
  const error = new Error('round')
  error.cause = error
  return error
}

it('shows the members of an AggregateError, thrown text, and errors of another realm', () => {
  expect(describe(new AggregateError([new Error('first'), 'second'], 'all'))).toMatchObject({
    message: 'all',
    errors: [{ message: 'first' }, 'second'],
  })
  expect(describe('x'.repeat(300))).toHaveLength(200)
  expect(describe(runInNewContext('new TypeError("elsewhere")'))).toMatchObject({ message: 'elsewhere' })
  expect([describe(undefined), describe(null), describe(7)]).toEqual([undefined, null, 'number'])
})
