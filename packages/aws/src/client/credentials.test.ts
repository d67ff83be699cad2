// Where credentials come from, and how long they serve.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FaultServer, faultServer, json, text } from '../../test/fault-server.ts'
import { type Credentials, credentialsOf } from './credentials.ts'

let server: FaultServer
beforeAll(async () => {
  server = await faultServer()
})
afterAll(() => server.close())
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
})

const answer = (id: string, minutes: number) => ({
  AccessKeyId: id,
  SecretAccessKey: 'secret',
  Token: 'token',
  Expiration: new Date(Date.now() + minutes * 60_000).toISOString(),
})

describe('the environment', () => {
  it('is read at each call: a restored snapshot has new ones', async () => {
    const provide = credentialsOf()
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'one')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
    expect(await provide()).toEqual({ accessKeyId: 'one', secretAccessKey: 'secret', sessionToken: undefined })
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'two')
    vi.stubEnv('AWS_SESSION_TOKEN', 'token')
    expect(await provide()).toEqual({ accessKeyId: 'two', secretAccessKey: 'secret', sessionToken: 'token' })
  })
})

describe('the container', () => {
  beforeEach(() => vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${server.endpoint}/creds?x=1`))

  it('is asked once for all who wait, with the token of its file', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'lambent-')), 'token')
    writeFileSync(file, 'the-token\n')
    vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', file)
    server.answer(json(answer('one', 60)))
    const provide = credentialsOf()
    const all = await Promise.all(Array.from({ length: 50 }, provide))
    expect(new Set(all.map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(['one']))
    expect(server.seen).toMatchObject([{ path: '/creds?x=1', headers: { authorization: 'the-token' } }])
    writeFileSync(file, 'another')
    await credentialsOf()()
    expect(server.seen[1]?.headers.authorization).toBe('another')
  })

  it('is asked again in the background before they end, and waited for just before', async () => {
    server.answer(json(answer('one', 4)), json(answer('two', 0.5)), json(answer('three', 60)))
    const provide = credentialsOf()
    expect((await provide()).accessKeyId).toBe('one')
    expect((await provide()).accessKeyId).toBe('one') // 4 minutes are left: they serve, while others are fetched
    await vi.waitFor(async () => expect((await provide()).accessKeyId).not.toBe('one'), 30_000)
    expect((await provide()).accessKeyId).toBe('three') // 30 seconds were too few
    expect(server.seen).toHaveLength(3)
  })

  it('that fails is asked again, three times', async () => {
    server.answer(text('', 500), text('busy', 429), json(answer('one', 60)))
    expect((await credentialsOf()()).accessKeyId).toBe('one')
    server.answer(text('', 500))
    await expect(credentialsOf()()).rejects.toThrow('AWS_CONTAINER_CREDENTIALS_FULL_URI did not answer')
    expect(server.seen).toHaveLength(3)
  })

  it.each([
    ['403', text('no', 403), 'answered 403'],
    ['HTML', text('<html>the-secret</html>', 200), 'did not answer in JSON'],
    ['no keys', json({ AccessKeyId: 'a' }), 'gave no AccessKeyId, SecretAccessKey and Token'],
    ['no end', json({ ...answer('a', 1), Expiration: 'soon' }), 'gave no Expiration'],
  ])('that answers with %s is an error that quotes nothing', async (_name, reply, message) => {
    server.answer(reply)
    const error = await credentialsOf()().catch(thrown => thrown)
    expect(error).toMatchObject({ name: 'CredentialsError', message: expect.stringContaining(message) })
    expect(`${error.stack} ${error.cause}`).not.toContain('the-secret')
  })

  it.each([
    'http://198.51.100.1/creds',
    'http://localhost.evil.test/',
    'file:///etc/passwd',
    'http://169.254.169.254/',
  ])('at %s is not asked: credentials go over plain HTTP to this machine only', async url => {
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', url)
    await expect(credentialsOf()()).rejects.toThrow('neither HTTPS nor an address of this machine')
  })

  it('does not wait for a refresh that was frozen with the function', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    let calls = 0
    const given = () => {
      calls++
      return calls === 1
        ? new Promise<Credentials>(() => {}) // its socket died
        : Promise.resolve({ accessKeyId: 'fresh', secretAccessKey: 's' })
    }
    const provide = credentialsOf(given)
    void provide()
    vi.setSystemTime(Date.now() + 3600_000)
    expect((await provide()).accessKeyId).toBe('fresh')
  })
})

describe('a developer’s machine', () => {
  it('uses the providers of the SDK, where they are installed', async () => {
    const home = mkdtempSync(join(tmpdir(), 'lambent-'))
    writeFileSync(join(home, 'credentials'), '[work]\naws_access_key_id = mine\naws_secret_access_key = secret\n')
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials'))
    vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'))
    vi.stubEnv('AWS_PROFILE', 'work')
    expect(await credentialsOf()()).toMatchObject({ accessKeyId: 'mine' })
  })
})

describe('a provider of one’s own', () => {
  it.each<[string, Parameters<typeof credentialsOf>[0]]>([
    ['that gives none', async () => ({}) as Credentials],
    ['in whose place there are none', { accessKeyId: '', secretAccessKey: '' }],
    ['in whose place there is null', null as never],
  ])('%s is an error', async (_name, given) => {
    await expect(credentialsOf(given)()).rejects.toThrow('those given have no accessKeyId and secretAccessKey')
  })

  it.each([
    ['text', '2099-01-01T00:00:00Z', 1],
    ['a text that is over', '2001-01-01T00:00:00Z', 2],
    ['none', undefined, 1],
  ])('may say their end as JSON does: %s', async (_name, expiration, expected) => {
    let calls = 0
    const provide = credentialsOf(async () => {
      calls++
      return { accessKeyId: 'a', secretAccessKey: 'b', expiration: expiration as never }
    })
    await provide()
    await provide()
    expect(calls).toBe(expected)
  })

  it('that fails is called again', async () => {
    const given = vi.fn(async () => ({ accessKeyId: 'a', secretAccessKey: 'b' }))
    given.mockRejectedValueOnce(new Error('not now'))
    const provide = credentialsOf(given)
    await expect(provide()).rejects.toThrow('not now')
    expect(await provide()).toMatchObject({ accessKeyId: 'a' })
    await provide()
    expect(given).toHaveBeenCalledTimes(2)
  })
})
