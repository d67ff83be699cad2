// AWS Secrets Manager: AWS JSON 1.1.
import type { CallOptions, ClientConfig } from '../client/client-config.ts'
import { bytesOf, dateOf, type JsonProtocol, jsonCall } from '../client/json.ts'
import { type Sender, sender } from '../client/send.ts'
import { SECRETS_MANAGER_SERVICE } from '../client/services.ts'
import type * as T from './types.ts'

const PROTOCOL: JsonProtocol = { version: '1.1', target: 'secretsmanager' }

/**
 * The methods of the AWS SDK v3's `SecretsManager` that the middlewares call, with the same inputs, outputs and errors.
 * @throws {AwsError} from every method, with AWS's error code as its name
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/
 */
export class SecretsManager {
  readonly #sender: Sender

  constructor(config?: ClientConfig) {
    this.#sender = sender(SECRETS_MANAGER_SERVICE, config)
  }

  getSecretValue(input: T.GetSecretValueInput, options?: CallOptions): Promise<T.GetSecretValueOutput> {
    return this.#call('GetSecretValue', input, options)
  }
  batchGetSecretValue(input: T.BatchGetSecretValueInput, options?: CallOptions): Promise<T.BatchGetSecretValueOutput> {
    return this.#call('BatchGetSecretValue', input, options)
  }

  /** Opens a connection, and finds credentials, before the first call: in Lambda's init phase. Never rejects. */
  connect(): Promise<void> {
    return this.#sender.connect()
  }

  async #call<Output extends object>(operation: string, input: object, options: CallOptions | undefined) {
    return this.#sender.send(jsonCall<Output>(PROTOCOL, operation, input, revive), options)
  }
}

/** Makes Dates and bytes of what JSON has instead, of one value or of many. */
function revive(output: Record<string, unknown>): unknown {
  for (const value of [output, ...(Array.isArray(output.SecretValues) ? output.SecretValues : [])]) {
    if (value.CreatedDate !== undefined) value.CreatedDate = dateOf(value.CreatedDate)
    if (typeof value.SecretBinary === 'string') value.SecretBinary = bytesOf(value.SecretBinary)
  }
  return output
}
