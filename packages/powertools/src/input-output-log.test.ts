import { sqs } from '@lambent/events/sqs'
import { http } from '@lambent/http'
import { apiGatewayProxyEventV2, lambdaContext, sqsEvent } from '@lambent/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { output } from '../test/output.ts'
import { inputOutputLog } from './input-output-log.ts'
import { logger } from './logger.ts'

let out: ReturnType<typeof output>
const lines: Record<string, unknown>[] = []
beforeEach(() => {
  out = output()
  lines.length = 0
  for (const level of ['debug', 'info', 'error'] as const)
    vi.spyOn(console, level).mockImplementation(line => lines.push(JSON.parse(line)))
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(() => vi.restoreAllMocks())

const request = (body: string) =>
  apiGatewayProxyEventV2({
    method: 'POST',
    path: '/',
    body,
    headers: { authorization: 'Bearer hunter2', 'content-type': 'application/json' },
  })

describe('inputOutputLog()', () => {
  it('logs event and result of a request, without credentials and what else is named', async () => {
    const handler = http()
      .use(inputOutputLog({ redact: ['email'] }))
      .handle(() => ({ status: 201, body: { id: 7, email: 'ann@example.com', password: 'hunter2' } }))
    await handler(request('{"email":"ann@example.com","n":1}'), lambdaContext({ awsRequestId: 'r-1' }))
    expect(lines).toMatchObject([
      {
        level: 'INFO',
        message: 'input',
        function_request_id: 'r-1',
        event: { body: '{"email":"[redacted]","n":1}', headers: { authorization: '[redacted]' } },
      },
      { message: 'output', result: { status: 201, body: { id: 7, email: '[redacted]', password: '[redacted]' } } },
    ])
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|ann@/)
  })

  it('of a record that failed logs the error, which goes on', async () => {
    const handler = sqs()
      .each()
      .use(inputOutputLog())
      .handle(() => {
        throw new TypeError('broken')
      })
    const result = await handler(sqsEvent([{ messageId: 'm-1', body: '{"a":1}' }]), lambdaContext())
    expect(result.batchItemFailures).toEqual([{ itemIdentifier: 'm-1' }])
    // The framework's own line, that a record failed, is not this one's.
    expect(lines.filter(({ name }) => name === undefined)).toMatchObject([
      { message: 'input', record_id: 'm-1', event: { body: '{"a":1}', receiptHandle: '[redacted]' } },
      { level: 'ERROR', message: 'failed', record_id: 'm-1', error: { name: 'TypeError', message: 'broken' } },
    ])
  })

  it('writes to ctx.log where there is one', async () => {
    const handler = http()
      .use(logger({ serviceName: 'orders' }))
      .use(inputOutputLog({ level: 'debug' }))
      .use(inputOutputLog())
      .handle(() => ({ status: 204 }))
    await handler(request('{}'), lambdaContext())
    expect(lines).toEqual([])
    expect(out.lines).toMatchObject([
      { message: 'input', service: 'orders', event: {} },
      { message: 'output', result: { status: 204 } },
    ])
  })

  it('shows what it is told to, bounded, and says what can’t be shown', async () => {
    const handler = http()
      .use(inputOutputLog({ input: event => Object(event).body, maxBytes: 20 }))
      .use(
        inputOutputLog({
          input: false,
          output: () => {
            throw new RangeError('no')
          },
        }),
      )
      .handle(() => ({ status: 200, body: 'x'.repeat(100) }))
    const answer = await handler(request(JSON.stringify({ a: 'y'.repeat(100) })), lambdaContext())
    expect(answer).toMatchObject({ statusCode: 200 })
    expect(lines).toMatchObject([
      { message: 'input', event: { bytes: 114, beginning: expect.stringMatching(/^"\{\\"a\\":\\"y+$/) } },
      { message: 'output', result: '[can’t be shown: RangeError]' },
      { message: 'output', result: { bytes: expect.any(Number) } },
    ])
  })

  it('logs a share of the units', async () => {
    vi.spyOn(Math, 'random').mockReturnValueOnce(0.2).mockReturnValueOnce(0.05)
    const handler = http()
      .use(inputOutputLog({ sampleRate: 0.1 }))
      .handle(() => ({ status: 204 }))
    await handler(request('{}'), lambdaContext())
    expect(lines).toHaveLength(0)
    await handler(request('{}'), lambdaContext())
    expect(lines).toHaveLength(2)
  })

  it.each([
    [{ redact: 'email' }, 'redact'],
    [{ maxBytes: 0 }, 'maxBytes'],
    [{ sampleRate: 2 }, 'sampleRate'],
    [{ input: true }, 'input'],
  ])('%j is refused when it is defined', (options, message) => {
    expect(() => inputOutputLog(options as never)).toThrow(message)
  })
})
