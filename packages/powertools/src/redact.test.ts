import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactor } from './redact.ts'

const shown = (value: unknown, names?: readonly string[]) => redactor(names)(value)
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('names', () => {
  it.each([
    ...['Authorization', 'proxy-authorization', 'authorizationToken', 'cookie', 'Set-Cookie', 'cookies', 'x-api-key'],
    ...['x-auth-token', 'csrfToken', 'refresh_token', 'x-amz-security-token', 'password', 'newPassword', 'password2'],
    ...['userPasswd', 'client_secret', 'SecretAccessKey', 'secrets', 'db.credentials', 'privateKey', 'X-Amz-Signature'],
    ...['receiptHandle', 'cardNumber', 'CVC', 'cvv2', 'pin', 'iban', 'ssn'],
  ])('%s is hidden', name => {
    expect(shown({ [name]: 'hunter2', beside: 1 })).toEqual({ [name]: '[redacted]', beside: 1 })
    expect(shown({ [name]: { deep: ['hunter2'] } })).toEqual({ [name]: '[redacted]' })
    expect(shown({ [name]: null })).toEqual({ [name]: null })
  })

  it.each(['shipping', 'pinned', 'authorizer', 'cookieless', 'tokenized', 'accessKeyId', 'author', 'keys', 'card'])(
    '%s is shown',
    name => expect(shown({ [name]: 'x' })).toEqual({ [name]: 'x' }),
  )

  it('that are given are hidden too, and no longer ones', () => {
    expect(shown({ 'E-Mail': 'a', email: 'b', emailed: 'c' }, ['email'])).toEqual({
      'E-Mail': '[redacted]',
      email: '[redacted]',
      emailed: 'c',
    })
  })
})

describe('text', () => {
  it.each([
    'user=u&password=hunter2',
    'password = hunter2',
    "{'password': 'hunter2'",
    'Authorization: Bearer hunter2',
    '<user><password>hunter2</password></user>',
    'a {"token" : "hunter2"}',
    '--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n--x--',
  ])('with a secret’s name in it is hidden whole: %s', text => {
    expect(shown({ text })).toEqual({ text: '[redacted]' })
  })

  it('without one is shown as it is', () => {
    const text = 'order 7: 3 pieces, shipping=express; the password was not asked for'
    expect(shown([text])).toEqual([text])
  })

  it('of JSON is looked into, also where it is base64, as in Kinesis and Kafka', () => {
    const body = JSON.stringify({ id: 7, inner: JSON.stringify({ password: 'hunter2', n: 1 }) })
    const hidden = JSON.stringify({ id: 7, inner: JSON.stringify({ password: '[redacted]', n: 1 }) })
    expect(shown({ body })).toEqual({ body: hidden })
    expect(shown({ data: base64(body) })).toEqual({ data: base64(hidden) })
    expect(shown({ data: base64('user=u&password=hunter2') })).toEqual({ data: '[redacted]' })
    const harmless = base64('{ "id": "ä",\n "n": [1, 2] }  ')
    expect(JSON.parse(Buffer.from(`${shown(harmless)}`, 'base64').toString())).toEqual({ id: 'ä', n: [1, 2] })
    const image = Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 89) % 256)).toString('base64')
    expect(shown({ image })).toEqual({ image })
  })

  it('never shows a planted secret, wherever it is in an event', () => {
    const wrap = fc.constantFrom<(value: unknown) => unknown>(
      value => ({ a: value, b: 1 }),
      value => [0, value],
      value => JSON.stringify({ x: value }),
      value => base64(JSON.stringify([value])),
    )
    fc.assert(
      fc.property(fc.array(wrap, { maxLength: 6 }), fc.constantFrom('password', 'X-Api-Key'), (wraps, name) => {
        const value = wraps.reduce<unknown>((inner, one) => one(inner), { [name]: 'hunter2' })
        let text = JSON.stringify(shown(value))
        for (let i = 0; i < 7; i++)
          text = text.replace(/[A-Za-z\d+/]{16,}={0,2}/g, found => Buffer.from(found, 'base64').toString())
        expect(text).not.toContain('hunter2')
      }),
    )
  })
})

describe('what a handler may return', () => {
  it('is shown as JSON has it: dates, bytes, and what hides itself', () => {
    const own = { token: 'x', toJSON: () => ({ password: 'hunter2', kept: 1 }) }
    expect(shown({ at: new Date(0), bytes: Buffer.from('hunter2'), own })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      bytes: '[7 bytes]',
      own: { password: '[redacted]', kept: 1 },
    })
  })

  it('may be a circle, or a graph with more paths than there is time for', () => {
    interface Node {
      readonly next: Node[]
    }
    const nodes: Node[] = Array.from({ length: 10 }, () => ({ next: [] }))
    for (const { next } of nodes) next.push(...nodes) // 10 to the power of 20 paths
    expect(JSON.stringify(shown(nodes[0])).length).toBeLessThan(10_000_000)
  })
})

// A body is the sender's: 1 MB of it took minutes with an expression that looked twice at each character.
it.each([
  ['one word', 'a'.repeat(1_000_000)],
  ['spaces', `a${' '.repeat(1_000_000)}b`],
  ['quotes', `a${` "`.repeat(500_000)}`],
  ['names', 'name='.repeat(200_000)],
  ['what looks like base64', `${'A'.repeat(999_996)}!AAA`],
  ['brackets', '['.repeat(1_000_000)],
])('looks through a megabyte of %s before the test is over', (_, text) => {
  expect(shown({ text })).toBeDefined()
})
