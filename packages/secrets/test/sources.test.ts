// Every source over the wire, by the small clients and by the AWS SDK's.
import * as sdkAppConfig from '@aws-sdk/client-appconfigdata'
import * as sdkKms from '@aws-sdk/client-kms'
import * as sdkSecrets from '@aws-sdk/client-secrets-manager'
import * as sdkSsm from '@aws-sdk/client-ssm'
import { AppConfigData, KMS, SecretsManager, SSM } from '@lambent/aws'
import { mockClient } from 'aws-sdk-client-mock'
import * as v from 'valibot'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { appConfig, kmsEnv, parameter, parametersByPath, secret, secrets } from '../src/index.ts'
import { lambda, plain } from './context.ts'
import { type Emulator, emulator } from './emulator.ts'

let aws: Emulator
beforeAll(async () => {
  aws = await emulator()
})
afterAll(() => aws.close())
beforeEach(() => {
  ;(aws.calls as string[]).length = 0
  aws.denied.clear()
  aws.secrets.clear()
  aws.parameters.clear()
})
afterEach(() => vi.unstubAllEnvs())

const config = () => ({
  region: 'eu-west-1',
  endpoint: aws.endpoint,
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  maxAttempts: 1,
})
const CLIENTS = [
  ['@lambent/aws', () => ({ sm: new SecretsManager(config()), ssm: new SSM(config()), kms: new KMS(config()) })],
  [
    'the AWS SDK',
    () => ({
      sm: new sdkSecrets.SecretsManager(config()),
      ssm: new sdkSsm.SSM(config()),
      kms: new sdkKms.KMS(config()),
    }),
  ],
] as const

const valuesOf = async <const S extends Parameters<typeof secrets>[0]>(sources: S): Promise<Record<string, unknown>> =>
  (await plain()
    .use(secrets(sources))
    .handle(({ secrets }) => Object.fromEntries(Object.keys(sources).map(name => [name, secrets[name]])))(
    {},
    lambda(),
  )) as Record<string, unknown>

describe.each(CLIENTS)('by %s', (_name, clients) => {
  it('45 secrets take three calls, each value to its own name, whatever the order of the answer', async () => {
    const { sm: client } = clients()
    for (let i = 0; i < 45; i++) aws.secrets.set(`s${i}`, { SecretString: `value ${i}` })
    const sources = Object.fromEntries(Array.from({ length: 45 }, (_, i) => [`s${i}`, secret(`s${i}`, { client })]))
    const values = await valuesOf(sources)
    expect(Object.entries(values)).toEqual(Array.from({ length: 45 }, (_, i) => [`s${i}`, `value ${i}`]))
    expect(aws.calls).toEqual(['BatchGetSecretValue', 'BatchGetSecretValue', 'BatchGetSecretValue'])
  })

  it('secrets are found by name, ARN and partial ARN; versions are fetched one by one; one alone needs no batch', async () => {
    const { sm: client } = clients()
    aws.secrets.set('prod/db', { SecretString: '{"a":1}' })
    aws.secrets.set('key', { SecretBinary: Buffer.from([0, 255]).toString('base64') })
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db'
    const values = await valuesOf({
      name: secret('prod/db', { client }),
      arn: secret(`${arn}-AbCdEf`, { client, json: true }),
      partial: secret(arn, { client, schema: v.object({ a: v.number() }) }),
      previous: secret('prod/db', { client, versionStage: 'AWSPREVIOUS' }),
      bytes: secret('key', { client, binary: true }),
    })
    expect(values).toEqual({
      name: '{"a":1}',
      arn: { a: 1 },
      partial: { a: 1 },
      previous: '{"a":1}',
      bytes: new Uint8Array([0, 255]),
    })
    expect([...aws.calls].sort()).toEqual(['BatchGetSecretValue', 'GetSecretValue'])
    ;(aws.calls as string[]).length = 0
    await valuesOf({ one: secret('prod/db', { client: clients().sm }) })
    expect(aws.calls).toEqual(['GetSecretValue'])
  })

  it('a role that may not read many at once reads them one by one', async () => {
    const { sm: client } = clients()
    aws.denied.add('BatchGetSecretValue')
    aws.secrets.set('a', { SecretString: '1' })
    aws.secrets.set('b', { SecretString: '2' })
    expect(await valuesOf({ a: secret('a', { client }), b: secret('b', { client }) })).toEqual({ a: '1', b: '2' })
    expect(aws.calls).toEqual(['BatchGetSecretValue', 'GetSecretValue', 'GetSecretValue'])
  })

  it('23 parameters take three calls, those below a path as many as it has pages', async () => {
    const { ssm: client } = clients()
    for (let i = 0; i < 23; i++) aws.parameters.set(`/app/p${i}`, `value ${i}`)
    aws.parameters.set('/app/deep/list', 'a,b')
    const sources = Object.fromEntries(
      Array.from({ length: 23 }, (_, i) => [`p${i}`, parameter(`/app/p${i}`, { client })]),
    )
    const values = await valuesOf({
      ...sources,
      all: parametersByPath('/app/', { client }),
      list: parameter('/app/deep/list', { client, list: true }),
    })
    expect(values).toMatchObject({
      p0: 'value 0',
      p22: 'value 22',
      list: ['a', 'b'],
      all: { p7: 'value 7', 'deep/list': 'a,b' },
    })
    expect([...aws.calls].sort()).toEqual([...Array(3).fill('GetParameters'), ...Array(3).fill('GetParametersByPath')])
  })

  it('an environment variable is decrypted once, with the context of Lambda’s console', async () => {
    const { kms: client } = clients()
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'orders')
    vi.stubEnv('STRIPE_KEY', Buffer.from('{"LambdaFunctionName":"orders"}|sk_live').toString('base64'))
    expect(await valuesOf({ key: kmsEnv('STRIPE_KEY', { client }) })).toEqual({ key: 'sk_live' })
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'another')
    await expect(valuesOf({ key: kmsEnv('STRIPE_KEY', { client }) })).rejects.toThrow(
      'STRIPE_KEY: kms:Decrypt failed: InvalidCiphertextException',
    )
  })

  it.each<[string, (client: ReturnType<typeof clients>) => Parameters<typeof secrets>[0], string, string]>([
    [
      'a missing secret',
      ({ sm }) => ({ x: secret('none', { client: sm }) }),
      'SecretNotFound',
      'none: there is none in this account and region',
    ],
    [
      'one missing of many',
      ({ sm }) => ({ x: secret('none', { client: sm }), y: secret('db', { client: sm }) }),
      'SecretNotFound',
      'none: there is none',
    ],
    [
      'a missing parameter',
      ({ ssm }) => ({ x: parameter('/none', { client: ssm }) }),
      'SecretNotFound',
      '/none: there is none',
    ],
    [
      'one missing of many parameters',
      ({ ssm }) => ({ x: parameter('/none', { client: ssm }), y: parameter('/none2', { client: ssm }) }),
      'SecretNotFound',
      '/none: there is no such parameter',
    ],
    [
      'text where bytes were asked for',
      ({ sm }) => ({ x: secret('db', { client: sm, binary: true }) }),
      'SecretMalformed',
      'db: it is text: leave out binary',
    ],
    [
      'bytes where text was asked for',
      ({ sm }) => ({ x: secret('bytes', { client: sm }) }),
      'SecretMalformed',
      'bytes: it is binary: set binary: true',
    ],
    [
      'no JSON',
      ({ sm }) => ({ x: secret('db', { client: sm, json: true }) }),
      'SecretMalformed',
      'db: its text is no JSON',
    ],
    [
      'another shape',
      ({ sm }) => ({ x: secret('json', { client: sm, schema: v.object({ port: v.object({ number: v.number() }) }) }) }),
      'SecretMalformed',
      'json: it does not fit its schema, at port.number',
    ],
    [
      'an unset variable',
      ({ kms }) => ({ x: kmsEnv('NOT_SET_HERE', { client: kms }) }),
      'SecretNotFound',
      'NOT_SET_HERE: the environment variable is not set',
    ],
  ])('says what is wrong: %s', async (_name, sources, code, message) => {
    aws.secrets.set('db', { SecretString: 'plain' })
    aws.secrets.set('json', { SecretString: '{"port":{"number":"the-value"}}' })
    aws.secrets.set('bytes', { SecretBinary: 'AAE=' })
    const error = await valuesOf(sources(clients())).catch(thrown => thrown)
    expect(error).toMatchObject({ name: 'SecretError', code, message: expect.stringContaining(message) })
    expect(error.message).not.toContain('the-value')
  })

  it('says the IAM action that a denied call needs', async () => {
    aws.denied.add('GetSecretValue').add('GetParameter')
    const { sm, ssm } = clients()
    await expect(valuesOf({ x: secret('db', { client: sm }) })).rejects.toThrow(
      'db: access is denied: the role needs secretsmanager:GetSecretValue',
    )
    await expect(valuesOf({ x: parameter('/p', { client: ssm }) })).rejects.toThrow(
      '/p: access is denied: the role needs ssm:GetParameter',
    )
  })
})

describe('the AWS SDK, mocked by aws-sdk-client-mock', () => {
  it('throttles, then answers: the old value serves meanwhile', async () => {
    const client = new sdkSecrets.SecretsManager({ region: 'eu-west-1' })
    const mock = mockClient(client)
    const throttled = Object.assign(new Error('slow'), { name: 'ThrottlingException' })
    mock
      .on(sdkSecrets.GetSecretValueCommand, { SecretId: 'db', VersionStage: 'AWSPENDING' })
      .resolvesOnce({ SecretString: 'old' })
      .rejectsOnce(throttled)
      .resolves({ SecretString: 'new' })
    let clock = 1_000_000
    const handler = plain()
      .use(secrets({ db: secret('db', { client, versionStage: 'AWSPENDING' }) }, { maxAge: 1000, now: () => clock }))
      .handle(({ secrets }) => secrets.db)
    const seen = []
    for (let i = 0; i < 4; i++) {
      seen.push(await handler({}, lambda()))
      await new Promise(resolve => setTimeout(resolve, 2))
      clock += 2000
    }
    expect(seen).toEqual(['old', 'old', 'old', 'new'])
    expect(mock.commandCalls(sdkSecrets.GetSecretValueCommand)).toHaveLength(4)
  })

  it('gives a configuration: in one session, unchanged where the answer is empty, not before the time that AWS named', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const client = new sdkAppConfig.AppConfigData({ region: 'eu-west-1' })
    const mock = mockClient(client)
    const bytes = (text: string) => new Uint8Array(Buffer.from(text)) as never
    mock.on(sdkAppConfig.StartConfigurationSessionCommand).resolves({ InitialConfigurationToken: 't0' })
    mock
      .on(sdkAppConfig.GetLatestConfigurationCommand, { ConfigurationToken: 't0' })
      .resolves({ Configuration: bytes('{"flag":1}'), NextPollConfigurationToken: 't1', NextPollIntervalInSeconds: 60 })
      .on(sdkAppConfig.GetLatestConfigurationCommand, { ConfigurationToken: 't1' })
      .resolves({ Configuration: bytes(''), NextPollConfigurationToken: 't2', NextPollIntervalInSeconds: 60 })
      .on(sdkAppConfig.GetLatestConfigurationCommand, { ConfigurationToken: 't2' })
      .resolves({ Configuration: bytes('{"flag":2}'), NextPollConfigurationToken: 't3', NextPollIntervalInSeconds: 60 })
    const conf = appConfig({
      application: 'a',
      environment: 'e',
      profile: 'p',
      client,
      schema: v.object({ flag: v.number() }),
    })
    const handler = plain()
      .use(secrets({ conf }, { maxAge: 20_000 }))
      .handle(async ({ secrets }) => (await secrets.refresh('conf')).flag)
    const seen = []
    for (let i = 0; i < 5; i++) {
      seen.push(await handler({}, lambda()))
      vi.setSystemTime(Date.now() + 40_000)
    }
    vi.useRealTimers()
    expect(seen).toEqual([1, 1, 1, 1, 2])
    expect(mock.commandCalls(sdkAppConfig.StartConfigurationSessionCommand)).toHaveLength(1)
  })

  it('takes either AppConfig client', () => {
    for (const client of [
      new AppConfigData({ region: 'eu-west-1' }),
      new sdkAppConfig.AppConfigData({ region: 'eu-west-1' }),
    ])
      expect(appConfig({ application: 'a', environment: 'e', profile: 'p', client }).name).toBe('a/e/p')
  })
})
