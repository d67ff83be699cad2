import { afterEach, expect, it, vi } from 'vitest'
import { lambda, plain } from '../test/source.ts'

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
    { level: 'warn', name: 'b', message: 'loud', source: 'test:plain', id: 'r-1', count: 2 },
    { level: 'error', name: 'c', error: { message: 'outer', cause: { message: 'inner', code: 'ECONNRESET' } } },
  ])
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
