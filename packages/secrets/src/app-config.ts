// AWS AppConfig: a configuration that is polled in a session.
import { AppConfigData } from '@lambent/aws/appconfigdata'
import { type Decoded, type DecodeOptions, decode } from './decode.ts'
import { secretError } from './secret-error.ts'
import { fulfilled, type Loader, mustBeName, rejected, type SecretSource } from './source.ts'

/** `new AppConfigData()` of @lambent/aws or of the AWS SDK v3. */
export type AppConfigPort = Pick<AppConfigData, 'startConfigurationSession' | 'getLatestConfiguration'>

export interface AppConfigOptions extends DecodeOptions {
  /** Name or id of the application. */
  readonly application: string
  /** Name or id of its environment. */
  readonly environment: string
  /** Name or id of the configuration profile. */
  readonly profile: string
  /** @default that of the function */
  readonly region?: string | undefined
  /** @default the client of @lambent/aws */
  readonly client?: AppConfigPort | undefined
  /** ms. @default that of `secrets()` */
  readonly maxAge?: number | undefined
}

/**
 * A configuration of AppConfig: read as JSON, unless `json` is false. The session is kept, and AWS says when it has
 * changed; it is not asked before the time that it named.
 * @see https://docs.aws.amazon.com/appconfig/latest/userguide/retrieving-data.html
 */
export function appConfig<const Options extends AppConfigOptions>(
  options: Options,
): SecretSource<
  Options extends { readonly json: false; readonly schema?: undefined }
    ? string
    : Decoded<Options & { readonly json: true }, string>
>
export function appConfig(options: AppConfigOptions): SecretSource {
  const { application, environment, profile, schema, json = true, region, client, maxAge } = options
  for (const name of ['application', 'environment', 'profile'] as const)
    mustBeName(options[name], `appConfig({ ${name} })`)
  const name = `${application}/${environment}/${profile}`
  return {
    name,
    kind: 'appconfig',
    loader: session(name, client ?? new AppConfigData(region ? { region } : {}), {
      ApplicationIdentifier: application,
      EnvironmentIdentifier: environment,
      ConfigurationProfileIdentifier: profile,
    }),
    request: undefined,
    decode: raw => decode(name, raw, { schema, json }),
    maxAge,
    permissions: [
      {
        actions: ['appconfig:GetLatestConfiguration', 'appconfig:StartConfigurationSession'],
        resources: [`arn:aws:appconfig:${region ?? '*'}:*:application/*/environment/*/configuration/*`],
      },
    ],
  }
}

function session(
  name: string,
  client: AppConfigPort,
  start: Parameters<AppConfigPort['startConfigurationSession']>[0],
): Loader {
  let token: string | undefined
  let text: string | undefined
  let notBefore = 0

  async function latest(signal: AbortSignal): Promise<string> {
    if (text !== undefined && Date.now() < notBefore) return text
    const options = { abortSignal: signal }
    token ??= (await client.startConfigurationSession(start, options)).InitialConfigurationToken
    const used = token ?? ''
    token = undefined // good for one call, and lost where that fails
    const {
      Configuration,
      NextPollConfigurationToken,
      NextPollIntervalInSeconds = 0,
    } = await client.getLatestConfiguration({ ConfigurationToken: used }, options)
    token = NextPollConfigurationToken
    notBefore = Date.now() + NextPollIntervalInSeconds * 1000
    // Empty where it has not changed.
    if (text === undefined || (Configuration && Configuration.byteLength > 0))
      text = Buffer.from(Configuration ?? []).toString('utf8')
    return text
  }

  return {
    async load(requests, { signal }) {
      const outcome = await latest(signal).then(fulfilled, error =>
        rejected(secretError(name, 'appconfig:GetLatestConfiguration', error)),
      )
      return requests.map(() => outcome)
    },
  }
}
