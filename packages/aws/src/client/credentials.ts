// Credentials: the environment's, the container's, and on a developer's machine those that the SDK's providers find.
import { originOf } from './endpoint.ts'
import { AwsError } from './errors.ts'
import { exchange, type WireResponse } from './http.ts'

/** Named as the AWS SDK v3 names them. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  /** When they end. */
  readonly expiration?: Date | undefined
}

export type CredentialsProvider = () => Promise<Credentials>

const EARLY = 5 * 60_000 // ms before their end in which they are refreshed, while they still serve
const LAST = 60_000 // ms before their end in which they serve no more
const PATIENCE = 2000 // ms for the container's endpoint

/**
 * Credentials that are fetched once for all who wait, kept, and refreshed before they end: while old ones serve, in the
 * background; a refresh that fails is heard of only once they do not.
 */
export function credentialsOf(given: Credentials | CredentialsProvider = defaultCredentials): CredentialsProvider {
  if (typeof given === 'object') return async () => mustBeCredentials(given)
  let current: Credentials | undefined
  let pending: { readonly since: number; readonly credentials: Promise<Credentials> } | undefined
  const refresh = () => {
    // One that was frozen with the function may never end.
    if (pending && Date.now() - pending.since < 2 * PATIENCE) return pending.credentials
    const credentials = given().then(mustBeCredentials)
    const own = { since: Date.now(), credentials }
    pending = own
    const ended = () => {
      if (pending === own) pending = undefined
    }
    credentials.then(fresh => {
      current = fresh
      ended()
    }, ended)
    return credentials
  }
  return async () => {
    // The environment's may change under a running process (SnapStart), and cost nothing to read.
    if (given === defaultCredentials) {
      const own = environment()
      if (own) return own
    }
    const left = new Date(current?.expiration ?? NaN).getTime() - Date.now() // NaN: they do not end
    if (!current || left < LAST) return refresh()
    if (left < EARLY) refresh().catch(() => {})
    return current
  }
}

function mustBeCredentials(value: Credentials): Credentials {
  if (value?.accessKeyId && value.secretAccessKey) return value
  throw problem('those given have no accessKeyId and secretAccessKey')
}

function environment(): Credentials | undefined {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return undefined
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN || undefined,
  }
}

async function defaultCredentials(): Promise<Credentials> {
  return environment() ?? (await container()) ?? (await developer())
}

/** @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
async function container(): Promise<Credentials | undefined> {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative, AWS_CONTAINER_CREDENTIALS_FULL_URI: full } = process.env
  if (!relative && !full) return undefined
  const name = `AWS_CONTAINER_CREDENTIALS_${relative ? 'RELATIVE' : 'FULL'}_URI`
  let url: URL
  try {
    url = new URL(relative ? `http://169.254.170.2${relative}` : (full as string))
  } catch {
    throw problem(`${name} is no URL`)
  }
  // Credentials are asked for over plain HTTP on the machine itself only, and at the addresses of ECS and EKS.
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  const near = /^(localhost|127(\.\d+){3}|::1|169\.254\.170\.(2|23)|fd00:ec2::23)$/.test(hostname)
  if (!/^https?:$/.test(url.protocol) || (url.protocol === 'http:' && !near))
    throw problem(`${name} is neither HTTPS nor an address of this machine, of ECS or of EKS`)
  let last: unknown
  for (let attempt = 0; attempt < 3; attempt++)
    try {
      return readContainer(await get(url, await token()))
    } catch (error) {
      last = error
      if (error instanceof AwsError && error.$fault === 'client') throw error
    }
  throw problem(`${name} did not answer`, last)
}

async function token(): Promise<string | undefined> {
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file, AWS_CONTAINER_AUTHORIZATION_TOKEN: text } = process.env
  let value = text
  if (file)
    try {
      value = await process.getBuiltinModule('node:fs/promises').readFile(file, 'utf8')
    } catch (cause) {
      throw problem('the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE can’t be read', cause)
    }
  if (value && /[\r\n]/.test(value.trim())) throw problem('the container’s authorization token has a line break')
  return value?.trim() || undefined
}

function get(url: URL, authorization: string | undefined): Promise<WireResponse> {
  return exchange(
    originOf(url),
    {
      method: 'GET',
      path: `${url.pathname}${url.search}`,
      headers: { Host: url.host, ...(authorization && { Authorization: authorization }) },
      body: '',
    },
    { connection: PATIENCE, request: PATIENCE },
  )
}

function readContainer({ status, body }: WireResponse): Credentials {
  if (status >= 400 && status < 500 && status !== 429) throw problem(`the container’s endpoint answered ${status}`)
  if (status !== 200) throw new Error(`the container’s endpoint answered ${status}`)
  let answer: Record<string, unknown>
  try {
    answer = Object(JSON.parse(body.toString()))
  } catch {
    throw problem('the container’s endpoint did not answer in JSON') // the cause would quote it
  }
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = answer
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string' || typeof Token !== 'string')
    throw problem('the container’s endpoint gave no AccessKeyId, SecretAccessKey and Token')
  const expiration = new Date(String(Expiration))
  if (Number.isNaN(expiration.getTime())) throw problem('the container’s endpoint gave no Expiration')
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token, expiration }
}

async function developer(): Promise<Credentials> {
  // Not to be bundled: it is for a developer's machine.
  const name = '@aws-sdk/credential-providers'
  let providers: { fromNodeProviderChain(): CredentialsProvider }
  try {
    providers = await import(/* @vite-ignore */ /* webpackIgnore: true */ name)
  } catch (cause) {
    throw problem(
      `set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or install ${name}, which reads profiles and SSO`,
      cause,
    )
  }
  return providers.fromNodeProviderChain()()
}

function problem(message: string, cause?: unknown): AwsError {
  const parts = { name: 'CredentialsError', $fault: 'client', $service: 'credentials' } as const
  return new AwsError({ ...parts, message: `no credentials for AWS: ${message}`, cause })
}
