// AWS Secrets Manager: 20 secrets a call.
import { SecretsManager } from '@lambent/aws/secrets-manager'
import { type Decoded, type DecodeOptions, decode } from './decode.ts'
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

/** `new SecretsManager()` of @lambent/aws or of the AWS SDK v3, or `extension()`. */
export type SecretsManagerPort = Pick<SecretsManager, 'getSecretValue'> &
  Partial<Pick<SecretsManager, 'batchGetSecretValue'>>

export interface SecretOptions extends DecodeOptions {
  /** Gives the bytes of a binary secret. @default false */
  readonly binary?: boolean | undefined
  /** @default AWSCURRENT */
  readonly versionStage?: string | undefined
  readonly versionId?: string | undefined
  /** @default that of the function */
  readonly region?: string | undefined
  /** @default the client of @lambent/aws */
  readonly client?: SecretsManagerPort | undefined
  /** ms. @default that of `secrets()` */
  readonly maxAge?: number | undefined
}

interface Request {
  readonly id: string
  readonly versionStage: string | undefined
  readonly versionId: string | undefined
}

/**
 * A secret of Secrets Manager, by its name or ARN. With a schema its text is read as JSON, unless `json` is false.
 *
 * ```ts
 * secret('prod/db', { schema: z.object({ username: z.string(), password: z.string() }) })
 * ```
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
 */
export function secret(id: string): SecretSource<string>
export function secret(
  id: string,
  options: SecretOptions & { readonly binary: true; readonly schema?: undefined },
): SecretSource<Uint8Array>
export function secret<const Options extends SecretOptions>(
  id: string,
  options: Options,
): SecretSource<Decoded<Options, string>>
export function secret(id: string, options: SecretOptions = {}): SecretSource {
  mustBeName(id, 'secret(id)')
  const {
    schema,
    json = schema !== undefined && !options.binary,
    binary = false,
    versionStage,
    versionId,
    region,
    client,
    maxAge,
  } = options
  const request: Request = { id, versionStage, versionId }
  return {
    name: id,
    kind: 'secretsmanager',
    loader: client ? loaderOf(client) : defaultLoader(region),
    request,
    decode(raw) {
      const { SecretString, SecretBinary } = raw as {
        readonly SecretString?: string
        readonly SecretBinary?: Uint8Array
      }
      if (binary ? !SecretBinary : SecretString === undefined && !(json && SecretBinary))
        throw new SecretError(
          id,
          'malformed',
          binary ? 'it is text: leave out binary' : 'it is binary: set binary: true',
        )
      return decode(id, binary ? SecretBinary : (SecretString ?? SecretBinary), { schema, json })
    },
    maxAge,
    permissions: [
      { actions: ['secretsmanager:GetSecretValue'], resources: [arnOf(id, region)] },
      ...(versionStage || versionId ? [] : [{ actions: ['secretsmanager:BatchGetSecretValue'], resources: ['*'] }]),
    ],
  }
}

/** AWS adds six characters to the name of a secret. */
function arnOf(id: string, region = '*'): string {
  if (!id.startsWith('arn:')) return `arn:aws:secretsmanager:${region}:*:secret:${id}-??????`
  return /-[A-Za-z0-9]{6}$/.test(id) ? id : `${id}-??????`
}

const loaders = new WeakMap<SecretsManagerPort, Loader>()
const defaults = new Map<string, Loader>()

function defaultLoader(region = ''): Loader {
  const loader = defaults.get(region) ?? loaderOf(new SecretsManager(region ? { region } : {}))
  defaults.set(region, loader)
  return loader
}

function loaderOf(client: SecretsManagerPort): Loader {
  const loader = loaders.get(client) ?? createLoader(client)
  loaders.set(client, loader)
  return loader
}

const MOST = 20
const GET = 'secretsmanager:GetSecretValue'

function createLoader(client: SecretsManagerPort): Loader {
  let batches = client.batchGetSecretValue !== undefined

  async function one(
    { id, versionStage, versionId }: Request,
    { signal }: FetchOptions,
  ): Promise<PromiseSettledResult<unknown>> {
    try {
      const input = {
        SecretId: id,
        ...(versionStage && { VersionStage: versionStage }),
        ...(versionId && { VersionId: versionId }),
      }
      return fulfilled(await client.getSecretValue(input, { abortSignal: signal }))
    } catch (error) {
      return rejected(secretError(id, GET, error))
    }
  }

  async function many(
    requests: readonly Request[],
    options: FetchOptions,
  ): Promise<readonly PromiseSettledResult<unknown>[]> {
    if (requests.length === 1 || !batches) return Promise.all(requests.map(request => one(request, options)))
    const values: Entry[] = []
    const errors: Problem[] = []
    try {
      let NextToken: string | undefined
      do {
        const input = NextToken ? { NextToken } : { SecretIdList: requests.map(({ id }) => id) }
        const page = await client.batchGetSecretValue?.(input, { abortSignal: options.signal })
        values.push(...(page?.SecretValues ?? []))
        errors.push(...(page?.Errors ?? []))
        NextToken = page?.NextToken
      } while (NextToken)
    } catch (error) {
      if (!/AccessDenied/.test(Object(error).name)) throw error
      batches = false // a role that may read each, but not many at once
      return many(requests, options)
    }
    return requests.map(({ id }) => {
      const value = values.find(({ Name, ARN }) => Name === id || ARN === id || ARN?.slice(0, -7) === id)
      if (value) return fulfilled(value)
      const { ErrorCode: name = 'ResourceNotFoundException', Message: message = '' } =
        errors.find(({ SecretId }) => SecretId === id) ?? {}
      return rejected(secretError(id, GET, { name, message }))
    })
  }

  return {
    async load(all, options) {
      const requests = all as readonly Request[]
      // Many at once are the current ones only.
      const current = requests.filter(({ versionId, versionStage }) => !versionId && !versionStage)
      const ids = [...new Map(current.map(request => [request.id, request])).values()]
      const outcomes = new Map<Request, PromiseSettledResult<unknown>>()
      const batch = inChunks(ids, MOST, async chunk => {
        const results = await many(chunk, options).catch(error =>
          chunk.map(({ id }) => rejected(secretError(id, GET, error))),
        )
        for (const [index, request] of chunk.entries())
          for (const same of current)
            if (same.id === request.id) outcomes.set(same, results[index] ?? rejected(undefined))
        return []
      })
      const singles = requests
        .filter(request => !current.includes(request))
        .map(async request => void outcomes.set(request, await one(request, options)))
      await Promise.all([batch, ...singles])
      return requests.map(request => outcomes.get(request) ?? rejected(undefined))
    },
  }
}

interface Entry {
  readonly Name?: string | undefined
  readonly ARN?: string | undefined
}

interface Problem {
  readonly SecretId?: string | undefined
  readonly ErrorCode?: string | undefined
  readonly Message?: string | undefined
}
