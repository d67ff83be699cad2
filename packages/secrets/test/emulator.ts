// A small Secrets Manager, Parameter Store and KMS, which answer as their API references say. Where moto is installed the
// same tests run against it too (moto.test.ts).
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Emulator {
  readonly endpoint: string
  /** Operations, in order. */
  readonly calls: readonly string[]
  /** Operations that are denied. */
  readonly denied: Set<string>
  readonly secrets: Map<string, { readonly SecretString?: string; readonly SecretBinary?: string }>
  readonly parameters: Map<string, string>
  close(): Promise<void>
}

export async function emulator(): Promise<Emulator> {
  const calls: string[] = []
  const denied = new Set<string>()
  const secrets: Emulator['secrets'] = new Map()
  const parameters: Emulator['parameters'] = new Map()
  const arn = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}-AbCdEf`
  const found = (id: string) =>
    [...secrets.keys()].find(name => id === name || id === arn(name) || id === arn(name).slice(0, -7))
  const value = (name: string) => ({
    ARN: arn(name),
    Name: name,
    CreatedDate: 1.7e9,
    VersionStages: ['AWSCURRENT'],
    ...secrets.get(name),
  })
  const given = (name: string) => ({
    Name: name,
    Type: 'String',
    Value: parameters.get(name),
    Version: 1,
    ARN: `arn:aws:ssm:eu-west-1:1:parameter${name}`,
  })
  const fail = (name: string, message = 'no') => ({ status: 400, body: { __type: name, message } })

  const operations: Record<string, (input: never) => { readonly status?: number; readonly body: unknown }> = {
    GetSecretValue: ({ SecretId }: { SecretId: string }) => {
      const name = found(SecretId)
      return name
        ? { body: value(name) }
        : fail('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
    },
    BatchGetSecretValue: ({ SecretIdList }: { SecretIdList: string[] }) => {
      if (SecretIdList.length > 20) return fail('InvalidParameterException', 'too many')
      const names = SecretIdList.map(id => [id, found(id)] as const)
      return {
        body: {
          SecretValues: names.flatMap(([, name]) => (name ? [value(name)] : [])).reverse(), // in no order
          Errors: names.flatMap(([SecretId, name]) =>
            name ? [] : [{ SecretId, ErrorCode: 'ResourceNotFoundException', Message: 'none' }],
          ),
        },
      }
    },
    GetParameter: ({ Name }: { Name: string }) =>
      parameters.has(Name) ? { body: { Parameter: given(Name) } } : fail('ParameterNotFound'),
    GetParameters: ({ Names }: { Names: string[] }) => {
      if (Names.length > 10 || new Set(Names).size < Names.length) return fail('ValidationException')
      return {
        body: {
          Parameters: Names.filter(name => parameters.has(name))
            .map(given)
            .reverse(),
          InvalidParameters: Names.filter(name => !parameters.has(name)),
        },
      }
    },
    GetParametersByPath: ({
      Path,
      MaxResults,
      NextToken,
    }: {
      Path: string
      MaxResults: number
      NextToken?: string
    }) => {
      const below = [...parameters.keys()].filter(name => name.startsWith(`${Path}/`))
      const from = Number(NextToken ?? 0)
      const page = below.slice(from, from + MaxResults)
      const next = from + MaxResults < below.length ? { NextToken: `${from + MaxResults}` } : {}
      return { body: { Parameters: page.map(given), ...next } }
    },
    // A ciphertext is the context and the text.
    Decrypt: ({ CiphertextBlob, EncryptionContext }: { CiphertextBlob: string; EncryptionContext?: object }) => {
      const [context, text = ''] = Buffer.from(CiphertextBlob, 'base64').toString().split('|')
      if (context !== JSON.stringify(EncryptionContext ?? {})) return fail('InvalidCiphertextException', '')
      return { body: { KeyId: 'key', Plaintext: Buffer.from(text).toString('base64') } }
    },
  }

  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? ''
    calls.push(operation)
    const { status = 200, body } = denied.has(operation)
      ? fail('AccessDeniedException', 'User is not authorized')
      : (operations[operation]?.(JSON.parse(text) as never) ?? fail('UnknownOperationException'))
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    denied,
    secrets,
    parameters,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
