// What a cold start loads: deterministic, unlike a timing. undici is what the web globals and `import 'node:http'` bring.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const example = join(import.meta.dirname, '../../examples/orders')

function loadedAfterInvocation(handler: string, event: string): string[] {
  const script = `
    import { readFileSync } from 'node:fs'
    console.info = console.error = console.warn = () => {}
    const { handler } = await import(${JSON.stringify(join(example, 'dist', `${handler}.mjs`))})
    const event = JSON.parse(readFileSync(${JSON.stringify(join(example, 'events', `${event}.json`))}, 'utf8'))
    const context = { awsRequestId: 'r-1', getRemainingTimeInMillis: () => 3000 }
    await handler(event, context).catch(() => {})
    process.stdout.write(JSON.stringify(process.moduleLoadList))`
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }))
}

it.each([
  ['create-order', 'http-create-order'],
  ['create-order', 'http-bad-json'],
  ['create-order', 'http-invalid-order'],
  ['create-order', 'wrong-source'],
  ['take-payments', 'sqs-payments'],
  ['read-invoices', 's3-uploads'],
  ['follow-orders', 'dynamodb-orders'],
  ['notify', 'eventbridge-order-placed'],
])('%s has not loaded undici, http or zlib after a first %s', (handler, event) => {
  const loaded = loadedAfterInvocation(handler, event)
  expect(loaded.length).toBeGreaterThan(50)
  expect(loaded.filter(name => /undici|NativeModule (_?http|https|http2|zlib|tls)$/.test(name))).toEqual([])
})

it('would see undici if it were loaded', () => {
  const script = 'Headers; process.stdout.write(JSON.stringify(process.moduleLoadList))'
  expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })).toContain('undici')
})
