// Systems Manager Parameter Store: 10 parameters a call, or all below a path.
import { SSM } from '@lambent/aws/ssm'
import { type Decoded, type DecodeOptions, decode, freeze } from './decode.ts'
import { SecretError, secretError } from './secret-error.ts'
import {
  type FetchOptions,
  fulfilled,
  inChunks,
  type Loader,
  mustBeName,
  rejected,
  type SecretSource,
} from './source.ts'

/** `new SSM()` of @lambent/aws or of the AWS SDK v3, or `extension()`. */
export type ParameterPort = Partial<Pick<SSM, 'getParameters' | 'getParametersByPath'>> & Pick<SSM, 'getParameter'>

export interface ParameterOptions extends DecodeOptions {
  /** Whether a SecureString is decrypted. @default true */
  readonly decrypt?: boolean | undefined
  /** Gives the members of a StringList. @default false */
  readonly list?: boolean | undefined
  /** @default that of the function */
  readonly region?: string | undefined
  /** @default the client of @lambent/aws */
  readonly client?: ParameterPort | undefined
  /** ms. @default that of `secrets()` */
  readonly maxAge?: number | undefined
}

interface Request {
  /** Of one parameter, or the path above many. */
  readonly name: string
  readonly decrypt: boolean
  readonly path?: { readonly recursive: boolean }
}

/**
 * A parameter, by its name (with `:version` or `:label`) or ARN: text, or with `json: true` what its JSON is.
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
 */
export function parameter(name: string): SecretSource<string>
export function parameter(
  name: string,
  options: ParameterOptions & { readonly list: true; readonly schema?: undefined },
): SecretSource<readonly string[]>
export function parameter<const Options extends ParameterOptions>(
  name: string,
  options: Options,
): SecretSource<Decoded<Options, string>>
export function parameter(name: string, options: ParameterOptions = {}): SecretSource {
  mustBeName(name, 'parameter(name)')
  const { schema, json = false, list = false, decrypt = true, region, client, maxAge } = options
  return {
    name,
    kind: 'ssm',
    loader: loaderFor(client, region),
    request: { name, decrypt } satisfies Request,
    decode: raw => decode(name, list ? String(raw).split(',') : raw, { schema, json }),
    maxAge,
    permissions: [
      { actions: ['ssm:GetParameter', 'ssm:GetParameters'], resources: [arnOf(name, region)] },
      ...(decrypt ? [{ actions: ['kms:Decrypt'], resources: ['*'] }] : []),
    ],
  }
}

export interface ParametersByPathOptions extends Pick<DecodeOptions, 'schema'> {
  /** Whether those further below are fetched too. @default true */
  readonly recursive?: boolean | undefined
  /** @default true */
  readonly decrypt?: boolean | undefined
  /** @default that of the function */
  readonly region?: string | undefined
  /** @default the client of @lambent/aws */
  readonly client?: ParameterPort | undefined
  /** ms. @default that of `secrets()` */
  readonly maxAge?: number | undefined
}

/**
 * All parameters below a path, by their names without it: `{ 'db/host': '…' }` for `parametersByPath('/app/')`.
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
 */
export function parametersByPath(path: string): SecretSource<Readonly<Record<string, string>>>
export function parametersByPath<const Options extends ParametersByPathOptions>(
  path: string,
  options: Options,
): SecretSource<Decoded<Options, Readonly<Record<string, string>>>>
export function parametersByPath(path: string, options: ParametersByPathOptions = {}): SecretSource {
  if (!mustBeName(path, 'parametersByPath(path)').startsWith('/'))
    throw new TypeError('parametersByPath(path) takes a path that begins with a slash')
  const { schema, recursive = true, decrypt = true, region, client, maxAge } = options
  if (client && !client.getParametersByPath)
    throw new TypeError('parametersByPath({ client }) takes a client with getParametersByPath')
  const below = path === '/' ? path : path.replace(/\/$/, '')
  return {
    name: path,
    kind: 'ssm',
    loader: loaderFor(client, region),
    request: { name: below, decrypt, path: { recursive } } satisfies Request,
    decode: raw => (schema ? decode(path, raw, { schema }) : freeze(raw)),
    maxAge,
    permissions: [
      { actions: ['ssm:GetParametersByPath'], resources: [arnOf(below, region), `${arnOf(below, region)}/*`] },
      ...(decrypt ? [{ actions: ['kms:Decrypt'], resources: ['*'] }] : []),
    ],
  }
}

function arnOf(name: string, region = '*'): string {
  if (name.startsWith('arn:')) return name
  return `arn:aws:ssm:${region}:*:parameter/${name.replace(/^\//, '').replace(/:[^:/]*$/, '')}`.replace(/\/$/, '')
}

const loaders = new WeakMap<ParameterPort, Loader>()
const defaults = new Map<string, Loader>()

function loaderFor(client: ParameterPort | undefined, region = ''): Loader {
  if (!client) {
    const loader = defaults.get(region) ?? createLoader(new SSM(region ? { region } : {}))
    defaults.set(region, loader)
    return loader
  }
  const loader = loaders.get(client) ?? createLoader(client)
  loaders.set(client, loader)
  return loader
}

const MOST = 10

function createLoader(client: ParameterPort): Loader {
  async function one({ name, decrypt }: Request, { signal }: FetchOptions): Promise<unknown> {
    const { Parameter } = await client.getParameter({ Name: name, WithDecryption: decrypt }, { abortSignal: signal })
    return mustHave(name, Parameter?.Value)
  }

  async function below({ name, decrypt, path }: Request, { signal }: FetchOptions): Promise<unknown> {
    const values: Record<string, string> = Object.create(null)
    let NextToken: string | undefined
    do {
      const input = {
        Path: name,
        Recursive: path?.recursive,
        WithDecryption: decrypt,
        MaxResults: 10,
        ...(NextToken && { NextToken }),
      }
      const page = await client.getParametersByPath?.(input, { abortSignal: signal })
      for (const { Name = '', Value } of page?.Parameters ?? [])
        values[Name.slice(name === '/' ? 1 : name.length + 1)] = mustHave(Name, Value)
      NextToken = page?.NextToken
    } while (NextToken)
    return { ...values }
  }

  async function many(
    requests: readonly Request[],
    { signal }: FetchOptions,
  ): Promise<readonly PromiseSettledResult<unknown>[]> {
    const Names = requests.map(({ name }) => name)
    const input = { Names, WithDecryption: requests[0]?.decrypt }
    const page = await client.getParameters?.(input, { abortSignal: signal })
    return requests.map(({ name }) => {
      const found = page?.Parameters?.find(
        ({ Name, ARN, Selector = '' }) => Name === name || ARN === name || `${Name}${Selector}` === name,
      )
      if (found?.Value !== undefined) return fulfilled(found.Value)
      return rejected(new SecretError(name, 'missing', 'there is no such parameter in this account and region'))
    })
  }

  const settle = async (
    request: Request,
    action: string,
    value: Promise<unknown>,
  ): Promise<PromiseSettledResult<unknown>> =>
    value.then(fulfilled, error => rejected(secretError(request.name, action, error)))

  return {
    async load(all, options) {
      const requests = all as readonly Request[]
      const outcomes = new Map<Request, PromiseSettledResult<unknown>>()
      const set = (chunk: readonly Request[], results: readonly PromiseSettledResult<unknown>[]) => {
        for (const [index, request] of chunk.entries()) outcomes.set(request, results[index] ?? rejected(undefined))
      }
      const single = async (request: Request) =>
        set(
          [request],
          [
            request.path
              ? await settle(request, 'ssm:GetParametersByPath', below(request, options))
              : await settle(request, 'ssm:GetParameter', one(request, options)),
          ],
        )
      const work = [true, false].flatMap((decrypt): readonly Promise<unknown>[] => {
        const group = requests.filter(request => !request.path && request.decrypt === decrypt)
        if (group.length < 2 || !client.getParameters) return group.map(single)
        // A name may stand in a call once only.
        const names = [...new Map(group.map(request => [request.name, request])).values()]
        return [
          inChunks(names, MOST, async chunk => {
            const results = await many(chunk, options).catch(error =>
              chunk.map(({ name }) => rejected(secretError(name, 'ssm:GetParameters', error))),
            )
            for (const [index, { name }] of chunk.entries())
              for (const same of group) if (same.name === name) set([same], [results[index] ?? rejected(undefined)])
            return []
          }),
        ]
      })
      await Promise.all([...work, ...requests.filter(({ path }) => path).map(single)])
      return requests.map(request => outcomes.get(request) ?? rejected(undefined))
    },
  }
}

function mustHave(name: string, value: string | undefined): string {
  if (typeof value === 'string') return value
  throw new SecretError(name, 'malformed', 'the answer has no value')
}
