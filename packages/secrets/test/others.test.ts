// The extension, an item of DynamoDB, sources of one's own, and what a role must allow.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as sdk from '@aws-sdk/client-dynamodb'
import { DynamoDB } from '@lambent/aws/dynamodb'
import * as v from 'valibot'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { dynamoDbItem, extension, kmsEnv, parameter, parametersByPath, secret, secrets, source } from '../src/index.ts'
import { lambda, plain } from './context.ts'

afterEach(() => vi.unstubAllEnvs())

let server: Server
let port: number
const seen: { readonly path: string; readonly token: unknown }[] = []
beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    seen.push({ path: request.url ?? '', token: request.headers['x-aws-parameters-secrets-token'] })
    const id = searchParams.get('secretId') ?? searchParams.get('name')
    if (id === 'none') response.writeHead(400).end('an unexpected error occurred while executing request')
    else if (id === 'denied') response.writeHead(403).end()
    else if (id === 'silent') return
    else if (pathname === '/secretsmanager/get')
      response.end(JSON.stringify({ Name: id, SecretString: '{"password":"p&é"}' }))
    else if (request.headers['x-amz-target'] === 'DynamoDB_20120810.GetItem') {
      let body = ''
      request.on('data', chunk => {
        body += chunk
      })
      request.on('end', () => {
        const { Key } = JSON.parse(body)
        response.end(
          JSON.stringify(Key.id.S === 'flags' ? { Item: { id: Key.id, on: { BOOL: true }, n: { N: '3' } } } : {}),
        )
      })
    } else response.end(JSON.stringify({ Parameter: { Name: id, Value: 'text' } }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

describe('the Parameters and Secrets extension', () => {
  it('answers for secrets and parameters, with the session token', async () => {
    vi.stubEnv('AWS_SESSION_TOKEN', 'session')
    vi.stubEnv('PARAMETERS_SECRETS_EXTENSION_HTTP_PORT', `${port}`)
    const client = extension()
    const handler = plain()
      .use(
        secrets({
          db: secret('prod/db', { client, schema: v.object({ password: v.string() }), versionStage: 'AWSPREVIOUS' }),
          other: secret('prod/other', { client }),
          flag: parameter('/app/flag', { client }),
          flag2: parameter('/app/flag2', { client, decrypt: false }),
        }),
      )
      .handle(({ secrets }) => [secrets.db.password, secrets.other, secrets.flag, secrets.flag2])
    expect(await handler({}, lambda())).toEqual(['p&é', '{"password":"p&é"}', 'text', 'text'])
    expect(seen.map(({ path }) => path).sort()).toEqual([
      '/secretsmanager/get?secretId=prod%2Fdb&versionStage=AWSPREVIOUS',
      '/secretsmanager/get?secretId=prod%2Fother',
      '/systemsmanager/parameters/get?name=%2Fapp%2Fflag&withDecryption=true',
      '/systemsmanager/parameters/get?name=%2Fapp%2Fflag2',
    ])
    expect(new Set(seen.map(({ token }) => token))).toEqual(new Set(['session']))
  })

  it.each([
    ['none', 'SecretNotFound'],
    ['denied', 'SecretAccessDenied'],
    ['silent', 'SecretUnavailable'],
  ])('that has no answer for %s is an error', async (id, code) => {
    const client = extension({ port, timeout: 30 })
    const handler = plain()
      .use(secrets({ x: secret(id, { client }) }))
      .handle(() => {})
    await expect(handler({}, lambda())).rejects.toMatchObject({ name: 'SecretError', code })
  })
})

describe.each([
  ['@lambent/aws', DynamoDB],
  ['the AWS SDK', sdk.DynamoDB],
])('an item of DynamoDB, by %s', (_name, Client) => {
  const client = () =>
    new Client({
      region: 'eu-west-1',
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    })

  it('is a value', async () => {
    const schema = v.object({ on: v.boolean(), n: v.number() })
    const handler = plain()
      .use(secrets({ flags: dynamoDbItem({ tableName: 'settings', key: { id: 'flags' }, client: client(), schema }) }))
      .handle(({ secrets }) => secrets.flags)
    expect(await handler({}, lambda())).toEqual({ on: true, n: 3 })
  })

  it('that there is not is an error', async () => {
    const handler = plain()
      .use(secrets({ flags: dynamoDbItem({ tableName: 'settings', key: { id: 'none' }, client: client() }) }))
      .handle(() => {})
    await expect(handler({}, lambda())).rejects.toMatchObject({
      code: 'SecretNotFound',
      message: 'item of settings: the table has no item of this key',
    })
  })
})

describe('permissions', () => {
  it('are exact where the names are known', () => {
    const handler = plain()
      .use(
        secrets({
          db: secret('prod/db', { region: 'eu-west-1', versionId: '1' }),
          arn: secret('arn:aws:secretsmanager:eu-west-1:1:secret:x-AbCdEf', { versionStage: 'AWSPREVIOUS' }),
          flag: parameter('/app/flag:3', { decrypt: false }),
          all: parametersByPath('/app/', { decrypt: false }),
          key: kmsEnv('KEY'),
          own: source({
            name: 'own',
            fetch: () => 1,
            permissions: [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/k'] }],
          }),
        }),
      )
      .handle(() => {})
    expect(handler.permissions).toEqual([
      {
        actions: ['secretsmanager:GetSecretValue'],
        resources: ['arn:aws:secretsmanager:eu-west-1:*:secret:prod/db-??????'],
      },
      { actions: ['secretsmanager:GetSecretValue'], resources: ['arn:aws:secretsmanager:eu-west-1:1:secret:x-AbCdEf'] },
      { actions: ['ssm:GetParameter', 'ssm:GetParameters'], resources: ['arn:aws:ssm:*:*:parameter/app/flag'] },
      {
        actions: ['ssm:GetParametersByPath'],
        resources: ['arn:aws:ssm:*:*:parameter/app', 'arn:aws:ssm:*:*:parameter/app/*'],
      },
      { actions: ['kms:Decrypt'], resources: ['*'] },
      { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/k'] },
    ])
  })
})
