// The published middlewares of middy in a pipeline of Lambent, beside middy itself.
import { HttpError } from '@lambent/core'
import { http } from '@lambent/http'
import { retry } from '@lambent/retry'
import { apiGatewayProxyEvent, apiGatewayProxyEventV2, lambdaContext } from '@lambent/testing'
import errorLogger from '@middy/error-logger'
import httpContentNegotiation from '@middy/http-content-negotiation'
import httpCors from '@middy/http-cors'
import httpErrorHandler from '@middy/http-error-handler'
import httpEventNormalizer from '@middy/http-event-normalizer'
import httpHeaderNormalizer from '@middy/http-header-normalizer'
import httpJsonBodyParser from '@middy/http-json-body-parser'
import httpPartialResponse from '@middy/http-partial-response'
import httpResponseSerializer from '@middy/http-response-serializer'
import httpSecurityHeaders from '@middy/http-security-headers'
import httpUrlencodeBodyParser from '@middy/http-urlencode-body-parser'
import inputOutputLogger from '@middy/input-output-logger'
import validator from '@middy/validator'
import { transpileSchema } from '@middy/validator/transpile'
import warmup from '@middy/warmup'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { fromMiddy, type MiddyHooks, type MiddyRequest } from '../src/index.ts'
import { byLambent, byMiddy, context, plain, type Work } from './chains.ts'

const json = (body: unknown, headers: Record<string, string> = {}) =>
  apiGatewayProxyEventV2({
    method: 'POST',
    path: '/orders',
    body: body as string,
    headers: { 'content-type': 'application/json', ...headers },
  })

const echo: Work = (event: { readonly body: unknown }) => ({
  statusCode: 200,
  headers: {},
  body: JSON.stringify(event.body),
})
const failing: Work = () => {
  throw Object.assign(new Error('no such order'), { statusCode: 404 })
}
const quiet = () => ({ logger: () => {} })
const schema = transpileSchema({
  type: 'object',
  required: ['body'],
  properties: { body: { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } } },
})

type Case = [name: string, middlewares: () => MiddyHooks[], work: Work, event: unknown]
const cases: Case[] = [
  ['http-json-body-parser', () => [httpJsonBodyParser()], echo, json('{"id":7}')],
  ['http-json-body-parser, bad JSON', () => [httpJsonBodyParser()], echo, json('{"id":')],
  [
    'http-json-body-parser, bad JSON answered',
    () => [httpErrorHandler(quiet()), httpJsonBodyParser()],
    echo,
    json('{'),
  ],
  [
    'http-json-body-parser, another content type',
    () => [httpErrorHandler(quiet()), httpJsonBodyParser()],
    echo,
    json('x', { 'content-type': 'text/plain' }),
  ],
  ['http-error-handler, of what the handler throws', () => [httpErrorHandler(quiet())], failing, json('{}')],
  [
    'http-error-handler, of an unknown error',
    () => [httpErrorHandler(quiet())],
    () => {
      throw new TypeError('secret')
    },
    json('{}'),
  ],
  [
    'http-cors',
    () => [httpCors({ origin: 'https://shop.example' })],
    echo,
    json('"x"', { origin: 'https://shop.example' }),
  ],
  ['http-cors, on an error', () => [httpCors({ origin: '*' }), httpErrorHandler(quiet())], failing, json('"x"')],
  [
    'http-cors, a preflight',
    () => [httpCors({ disableBeforePreflightResponse: false, origin: '*' })],
    echo,
    apiGatewayProxyEventV2({ method: 'OPTIONS', path: '/' }),
  ],
  ['http-security-headers', () => [httpSecurityHeaders()], echo, json('"x"')],
  [
    'http-security-headers, on an error',
    () => [httpSecurityHeaders(), httpErrorHandler(quiet())],
    failing,
    json('"x"'),
  ],
  [
    'http-header-normalizer',
    () => [httpHeaderNormalizer(), httpJsonBodyParser()],
    echo,
    apiGatewayProxyEvent({ method: 'POST', body: '{"a":1}', headers: { 'CONTENT-TYPE': 'application/json' } }),
  ],
  [
    'http-event-normalizer',
    () => [httpEventNormalizer()],
    ((event: { queryStringParameters: unknown }) => event.queryStringParameters) as Work,
    { ...apiGatewayProxyEvent({ method: 'GET', path: '/' }), queryStringParameters: null },
  ],
  [
    'http-urlencode-body-parser',
    () => [httpUrlencodeBodyParser()],
    echo,
    json('a=1&b=2', { 'content-type': 'application/x-www-form-urlencoded' }),
  ],
  [
    'http-content-negotiation',
    () => [httpContentNegotiation({ availableLanguages: ['de', 'en'] })],
    ((_event: unknown, context: { preferredLanguage?: string }) => context.preferredLanguage) as Work,
    json('"x"', { 'accept-language': 'de' }),
  ],
  [
    'http-content-negotiation, none fits',
    () => [httpErrorHandler(quiet()), httpContentNegotiation({ availableMediaTypes: ['text/csv'] })],
    echo,
    json('"x"', { accept: 'image/png' }),
  ],
  [
    'http-response-serializer',
    () => [
      httpContentNegotiation(),
      httpResponseSerializer({
        serializers: [
          { regex: /^application\/json$/, serializer: ({ body }: { body?: unknown }) => JSON.stringify(body) },
        ],
        defaultContentType: 'application/json',
      }),
    ],
    (() => ({ statusCode: 200, body: { id: 1 } })) as Work,
    json('"x"'),
  ],
  [
    'http-partial-response',
    () => [httpPartialResponse()],
    (() => ({ statusCode: 200, body: '{"a":1,"b":2}' })) as Work,
    { ...json('"x"'), queryStringParameters: { fields: 'a' } },
  ],
  [
    'validator',
    () => [httpErrorHandler(quiet()), httpJsonBodyParser(), validator({ eventSchema: schema })],
    echo,
    json('{"id":1}'),
  ],
  [
    'validator, refusing',
    () => [httpErrorHandler(quiet()), httpJsonBodyParser(), validator({ eventSchema: schema })],
    echo,
    json('{"id":"x"}'),
  ],
  ['input-output-logger and error-logger', () => [inputOutputLogger(quiet()), errorLogger(quiet())], echo, json('"x"')],
  ['error-logger, on an error', () => [errorLogger(quiet())], failing, json('"x"')],
  ['warmup', () => [warmup(), httpJsonBodyParser()], echo, { source: 'serverless-plugin-warmup' }],
  ['warmup, another event', () => [warmup(), httpJsonBodyParser()], echo, json('{"id":1}')],
]

describe('is what middy gives', () => {
  it.each(cases)('%s', async (_name, middlewares, work, event) => {
    const expected = await byMiddy(middlewares(), work, event)
    const got = await byLambent(middlewares(), work, event)
    if ('value' in expected) return expect(got).toEqual(expected)
    const { message, statusCode, ...rest } = expected.error as Error & { readonly statusCode?: number }
    expect(rest).toBeDefined()
    // With a status that a source of Lambent answers.
    return expect(got).toMatchObject({
      error:
        statusCode === undefined || !('status' in Object((got as { error: object }).error))
          ? { message }
          : { message, status: statusCode },
    })
  })

  it('in any chain: order, early responses, errors and what is thrown while they are handled', async () => {
    const hook = fc.constantFrom('none', 'nothing', 'response', 'early', 'earlyUndefined', 'throw', 'rethrow', 'mend')
    const chain = fc.array(fc.record({ before: hook, after: hook, onError: hook }), { minLength: 1, maxLength: 4 })
    const middleware = (log: string[], index: number, kinds: Readonly<Record<string, string>>): MiddyHooks => {
      const hookOf = (name: string) => (request: MiddyRequest<{ seen: string[] }>) => {
        log.push(`${name} ${index} ${request.response} ${Object(request.error).message}`)
        request.event.seen.push(name)
        const kind = kinds[name]
        if (kind === 'response' || kind === 'mend') request.response = `${name} ${index}`
        if (kind === 'early') return `early ${name} ${index}`
        if (kind === 'earlyUndefined') request.earlyResponse = undefined
        if (kind === 'throw') throw new Error(`thrown by ${name} ${index}`)
        if (kind === 'rethrow' && request.error) throw request.error
        return undefined
      }
      const given = Object.entries(kinds).filter(([, kind]) => kind !== 'none')
      return Object.fromEntries(
        (given.length > 0 ? given : [['before', 'nothing']]).map(([name]) => [name ?? '', hookOf(name ?? '')]),
      )
    }
    await fc.assert(
      fc.asyncProperty(chain, fc.boolean(), async (kinds, fails) => {
        const work: Work = (event: { seen: string[] }) => {
          if (fails) throw new Error('of the handler')
          return event.seen.join()
        }
        const logs: [string[], string[]] = [[], []]
        const run = (by: typeof byMiddy, log: string[]) =>
          by(
            kinds.map((each, index) => middleware(log, index, each)),
            work,
            { seen: [] },
          )
        const expected = await run(byMiddy, logs[0])
        const got = await run(byLambent, logs[1])
        expect(logs[1]).toEqual(logs[0])
        const told = (outcome: typeof got) =>
          'error' in outcome
            ? { error: Object(outcome.error).message, cause: Object(Object(outcome.error).cause).message }
            : outcome
        expect(told(got)).toEqual(told(expected))
      }),
      { numRuns: 1000 },
    )
  })
})

/** Of Lambda, in one spelling: names of headers in lower case, and what is absent. */
const answered = (value: object & { readonly body?: unknown; readonly headers?: object }) => ({
  statusCode: 200,
  ...value,
  body: value.body ?? '',
  headers: Object.fromEntries(
    Object.entries(value.headers ?? {}).map(([name, field]) => [name.toLowerCase(), String(field)]),
  ),
})

describe('over http() a client gets what middy answers', () => {
  const overHttp = cases.filter(
    ([name, , , event]) => 'requestContext' in Object(event) && !name.includes('normalizer'),
  )

  it.each(overHttp)('%s', async (_name, middlewares, work, event) => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const expected = await byMiddy(middlewares(), work, event)
    const handler = http()
      .use(fromMiddy(...middlewares()))
      .handle(({ middy }) => work((middy as { event: never }).event, (middy as { context: never }).context))
    const got = answered(await handler(structuredClone(event) as never, context()))
    vi.restoreAllMocks()
    if ('error' in expected) {
      const { statusCode = 500 } = expected.error as { readonly statusCode?: number }
      // What the handler throws goes on as it is, and is for clients where it is an HttpError.
      return expect(got.statusCode).toBe(work === failing ? 500 : statusCode)
    }
    if (typeof expected.value === 'string') return expect(got.body).toBe(expected.value)
    const told = answered(expected.value as object)
    const { headers } = told
    expect(got).toMatchObject(told)
    const added = Object.keys(got.headers).filter(name => !(name in headers))
    return expect(added.filter(name => name !== 'content-type')).toEqual([])
  })

  const event = json('{"id":7}', { origin: 'https://shop.example' })
  const answer = async (middlewares: MiddyHooks[], work: () => unknown) =>
    http()
      .use(fromMiddy(...middlewares))
      .handle(work)(event, lambdaContext())

  it.each([
    [
      'a response of Lambent',
      () => ({ status: 201, headers: { 'x-a': ['1', '2'] }, body: { id: 7 } }),
      201,
      '{"id":7}',
    ],
    [
      'one with headers of a Map',
      () => ({ status: 201, headers: new Map([['x-a', '1, 2']]), body: { id: 7 } }),
      201,
      '{"id":7}',
    ],
    ['a body alone', () => ({ id: 7 }), 200, '{"id":7}'],
    ['a text', () => 'seven', 200, 'seven'],
    ['nothing', () => undefined, 204, ''],
    ['a response of Lambda', () => ({ statusCode: 202, body: 'x', headers: { 'X-B': '1' } }), 202, 'x'],
  ])('also where the handler gives %s', async (_name, work, statusCode, body) => {
    const cors = httpCors({ origin: '*' })
    expect(await answer([cors], work)).toMatchObject({
      statusCode,
      body,
      headers: { 'access-control-allow-origin': '*' },
    })
    // What they leave alone is what it was.
    const passing: MiddyHooks = { after() {} }
    const plainly = await http()
      .handle(work as never)(event, lambdaContext())
      .catch(() => undefined)
    if (statusCode !== 202) expect(await answer([passing], work)).toEqual(plainly)
  })

  it('a body that has a status among other keys is none', async () => {
    const body = { status: 'paid', statusCode: 200, id: 7 }
    const got = await answer([{ after() {} }], () => body)
    expect(JSON.parse(got.body)).toEqual(body)
  })

  it('bytes stay bytes, cookies cookies, and repeated headers repeated', async () => {
    const bytes = Uint8Array.from([0, 255, 128])
    const work = () => ({ status: 200, cookies: ['a=1'], headers: { 'x-a': '1' }, body: bytes })
    const more: MiddyHooks = {
      after: ({ response }: MiddyRequest) => {
        Object.assign(response as object, { multiValueHeaders: { 'X-A': ['2', '3'] } })
      },
    }
    expect(await answer([more], work)).toEqual({
      statusCode: 200,
      headers: { 'x-a': '2, 3', 'content-type': 'application/octet-stream' },
      cookies: ['a=1'],
      body: Buffer.from(bytes).toString('base64'),
      isBase64Encoded: true,
    })
  })

  it('@middy/http-error-handler finds the status of an error of Lambent', async () => {
    const result = await answer([httpErrorHandler(quiet())], () => {
      throw new HttpError(409, 'taken')
    })
    expect(result).toMatchObject({ statusCode: 409, body: 'taken' })
  })
})

describe('in a pipeline of Lambent', () => {
  it('http() answers what a hook throws with its status', async () => {
    const handler = http()
      .use(fromMiddy(httpJsonBodyParser()))
      .handle(({ middy }) => ({ ok: middy.event.body }))
    const bad = await handler(json('{'), lambdaContext())
    expect(bad).toMatchObject({ statusCode: 422 })
    expect(await handler(json('{"id":7}'), lambdaContext())).toMatchObject({ statusCode: 200, body: '{"ok":{"id":7}}' })
  })

  it('the event and the request stay what came', async () => {
    const event = json('{"id":7}')
    const handler = http()
      .use(fromMiddy(httpJsonBodyParser()))
      .handle(({ request, event, middy }) => ({
        same: request.body.toString(),
        raw: Object(event).body,
        parsed: middy.event.body,
      }))
    const { body } = (await handler(event, lambdaContext())) as { body: string }
    expect(JSON.parse(body)).toMatchObject({ raw: '{"id":7}', parsed: { id: 7 } })
    expect(event.body).toBe('{"id":7}')
  })

  it('is run again by retry() from the event that came', async () => {
    let runs = 0
    const handler = plain()
      .use(retry({ attempts: 3, backoff: () => 0 }))
      .use(fromMiddy(httpJsonBodyParser()))
      .handle(({ middy }) => {
        if (++runs < 3) throw new Error('again')
        return middy.event.body
      })
    expect(await handler(json('{"id":7}'), lambdaContext())).toEqual({ id: 7 })
  })

  it('shares `internal` with middlewares further in, and an error of the handler goes on as it is', async () => {
    const seen: unknown[] = []
    const put: MiddyHooks = {
      before: ({ internal }: MiddyRequest<unknown, unknown, Record<string, unknown>>) => {
        internal.key = 'kept'
      },
    }
    const read: MiddyHooks = {
      before: ({ internal }: MiddyRequest<unknown, unknown, Record<string, unknown>>) => void seen.push(internal.key),
    }
    const error = Object.assign(new Error('mine'), { statusCode: 418 })
    const handler = plain()
      .use(fromMiddy(put))
      .use(fromMiddy(read))
      .handle(() => {
        throw error
      })
    await expect(handler({}, lambdaContext())).rejects.toBe(error)
    expect(seen).toEqual(['kept'])
  })

  it('64 invocations at once do not mix', async () => {
    const pause: MiddyHooks = {
      before: () => new Promise<undefined>(resolve => setTimeout(resolve, Math.random() * 5, undefined)),
      after: async (request: MiddyRequest<{ id: number }, unknown, { id?: number }>) => {
        await new Promise(resolve => setTimeout(resolve, Math.random() * 5))
        request.response = [request.response, request.event.id, request.internal.id]
      },
    }
    const keep: MiddyHooks = {
      before: (request: MiddyRequest<{ id: number }, unknown, { id?: number }>) => {
        request.internal.id = request.event.id
      },
    }
    const handler = plain()
      .use(fromMiddy(keep, pause))
      .handle(({ middy }) => (middy as { event: { id: number } }).event.id)
    const ids = Array.from({ length: 64 }, (_, id) => id)
    expect(await Promise.all(ids.map(id => handler({ id }, lambdaContext())))).toEqual(ids.map(id => [id, id, id]))
  })

  it('what is no middleware of middy is refused when it is defined', () => {
    expect(() => fromMiddy()).toThrow('at least one')
    for (const wrong of [{}, { before: 1 }, null])
      expect(() => fromMiddy(wrong as never)).toThrow('objects with before')
  })

  it('middlewares of middy log through their own logger', async () => {
    const logger = vi.fn()
    const handler = plain()
      .use(fromMiddy(inputOutputLogger({ logger })))
      .handle(() => 'out')
    await handler({ in: 1 }, lambdaContext())
    expect(logger.mock.calls).toEqual([
      [expect.objectContaining({ event: { in: 1 } })],
      [expect.objectContaining({ response: 'out' })],
    ])
  })
})
