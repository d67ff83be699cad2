// AWS Key Management Service: AWS JSON 1.1.
import type { CallOptions, ClientConfig } from '../client/client-config.ts'
import { bytesOf, type JsonProtocol, jsonCall } from '../client/json.ts'
import { type Sender, sender } from '../client/send.ts'
import { KMS_SERVICE } from '../client/services.ts'
import type * as T from './types.ts'

const PROTOCOL: JsonProtocol = { version: '1.1', target: 'TrentService' }

/**
 * The methods of the AWS SDK v3's `KMS` that the middlewares call, with the same inputs, outputs and errors.
 * @throws {AwsError} from every method, with AWS's error code as its name
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/
 */
export class KMS {
  readonly #sender: Sender

  constructor(config?: ClientConfig) {
    this.#sender = sender(KMS_SERVICE, config)
  }

  decrypt(input: T.DecryptInput, options?: CallOptions): Promise<T.DecryptOutput> {
    return this.#call('Decrypt', input, options)
  }

  /** Opens a connection, and finds credentials, before the first call: in Lambda's init phase. Never rejects. */
  connect(): Promise<void> {
    return this.#sender.connect()
  }

  async #call<Output extends object>(operation: string, input: object, options: CallOptions | undefined) {
    return this.#sender.send(jsonCall<Output>(PROTOCOL, operation, input, revive), options)
  }
}

/** Makes bytes of base64. */
function revive(output: Record<string, unknown>): unknown {
  for (const name of ['Plaintext', 'CiphertextForRecipient']) {
    const value = output[name]
    if (typeof value === 'string') output[name] = bytesOf(value)
  }
  return output
}
