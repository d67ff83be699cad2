// AWS AppConfig Data: REST with JSON, and a configuration that is bytes of any kind.
import type { CallOptions, ClientConfig } from '../client/client-config.ts'
import type { WireResponse } from '../client/http.ts'
import { base64Of, errorOf } from '../client/json.ts'
import { queryOf } from '../client/rest.ts'
import { type Sender, sender } from '../client/send.ts'
import { APPCONFIGDATA_SERVICE } from '../client/services.ts'
import type * as T from './types.ts'

const same = (output: unknown) => output
const readError = (response: WireResponse) => errorOf(response, same)

/**
 * The methods of the AWS SDK v3's `AppConfigData`, with the same inputs, outputs and errors.
 * @throws {AwsError} from every method, with AWS's error code as its name
 * @see https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_Operations_AWS_AppConfig_Data.html
 */
export class AppConfigData {
  readonly #sender: Sender

  constructor(config?: ClientConfig) {
    this.#sender = sender(APPCONFIGDATA_SERVICE, config)
  }

  async startConfigurationSession(
    input: T.StartConfigurationSessionInput,
    options?: CallOptions,
  ): Promise<T.StartConfigurationSessionOutput> {
    return this.#sender.send(
      {
        operation: 'StartConfigurationSession',
        method: 'POST',
        path: '/configurationsessions',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(input),
        read: ({ body }) => {
          const { InitialConfigurationToken } = JSON.parse(body.toString('utf8'))
          if (typeof InitialConfigurationToken !== 'string') throw new SyntaxError('no token')
          return { InitialConfigurationToken }
        },
        readError,
      },
      options,
    )
  }

  /** `Configuration` is empty where it has not changed since the last call of the session. */
  async getLatestConfiguration(
    { ConfigurationToken }: T.GetLatestConfigurationInput,
    options?: CallOptions,
  ): Promise<T.GetLatestConfigurationOutput> {
    return this.#sender.send(
      {
        operation: 'GetLatestConfiguration',
        method: 'GET',
        path: `/configuration${queryOf({ configuration_token: ConfigurationToken })}`,
        headers: {},
        body: '',
        read: ({ headers, body }): Omit<T.GetLatestConfigurationOutput, '$metadata'> => {
          const seconds = headers['next-poll-interval-in-seconds']
          return {
            NextPollConfigurationToken: headers['next-poll-configuration-token'],
            NextPollIntervalInSeconds: seconds === undefined ? undefined : Number(seconds),
            ContentType: headers['content-type'],
            VersionLabel: headers['version-label'],
            Configuration: blob(body),
          }
        },
        readError,
      },
      options,
    )
  }

  /** Opens a connection, and finds credentials, before the first call: in Lambda's init phase. Never rejects. */
  connect(): Promise<void> {
    return this.#sender.connect()
  }
}

function blob(bytes: Uint8Array): T.ConfigurationBytes {
  const transformToString = (encoding = 'utf-8') =>
    encoding === 'base64' ? base64Of(bytes) : new TextDecoder(encoding).decode(bytes)
  return Object.defineProperty(new Uint8Array(bytes), 'transformToString', {
    value: transformToString,
  }) as T.ConfigurationBytes
}
