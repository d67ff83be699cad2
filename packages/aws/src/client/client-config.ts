// What a client may be told, and what it finds in the environment.
import type { Credentials, CredentialsProvider } from './credentials.ts'

export interface ClientConfig {
  /** @default AWS_REGION, then AWS_DEFAULT_REGION */
  readonly region?: string | undefined
  /** URL of the service, such as an emulator's. @default AWS_ENDPOINT_URL_<SERVICE>, then AWS_ENDPOINT_URL, then AWS's own */
  readonly endpoint?: string | undefined
  /** @default the environment's, then the container's, then those of `@aws-sdk/credential-providers` if installed */
  readonly credentials?: Credentials | CredentialsProvider | undefined
  /** How often a call is tried, the first time included. @default AWS_MAX_ATTEMPTS, or 3 */
  readonly maxAttempts?: number | undefined
  /** Milliseconds until a connection is open, TLS included. @default 2000 */
  readonly connectionTimeout?: number | undefined
  /** Milliseconds until an attempt is answered; of a streamed body until it begins. @default 10000 */
  readonly requestTimeout?: number | undefined
  /** @default AWS_USE_FIPS_ENDPOINT */
  readonly useFipsEndpoint?: boolean | undefined
  /** @default AWS_USE_DUALSTACK_ENDPOINT */
  readonly useDualstackEndpoint?: boolean | undefined
}

/** Options of one call, named as those of the AWS SDK v3. */
export interface CallOptions {
  /** Ends the call, whatever it waits for, with an AbortError. */
  readonly abortSignal?: AbortSignal
  /** Milliseconds for each attempt of this call. */
  readonly requestTimeout?: number
}

export function mustBeConfig(service: string, config: ClientConfig): void {
  for (const name of ['maxAttempts', 'connectionTimeout', 'requestTimeout'] as const) {
    const value = config[name]
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
      throw new RangeError(`new ${service}({ ${name} }) takes a whole number above 0, not ${value}`)
  }
  for (const name of ['region', 'endpoint'] as const)
    if (config[name] !== undefined && typeof config[name] !== 'string')
      throw new TypeError(`new ${service}({ ${name} }) takes a string, not ${typeof config[name]}`)
}

/** The number of an environment variable, undefined where it is no whole number above 0. */
export function numberOf(text: string | undefined): number | undefined {
  const value = Number(text)
  return text && Number.isSafeInteger(value) && value > 0 ? value : undefined
}
