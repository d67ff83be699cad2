// Amazon EventBridge: AWS JSON 1.1.
import type { CallOptions, ClientConfig } from '../client/client-config.ts'
import { type JsonProtocol, jsonCall } from '../client/json.ts'
import { type Sender, sender } from '../client/send.ts'
import { EVENTBRIDGE_SERVICE } from '../client/services.ts'
import type * as T from './types.ts'

const PROTOCOL: JsonProtocol = { version: '1.1', target: 'AWSEvents' }

/**
 * The methods of the AWS SDK v3's `EventBridge` that the middlewares call, with the same inputs, outputs and errors.
 * @throws {AwsError} from every method, with AWS's error code as its name
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/
 */
export class EventBridge {
  readonly #sender: Sender

  constructor(config?: ClientConfig) {
    this.#sender = sender(EVENTBRIDGE_SERVICE, config)
  }

  /** Some entries may fail: they have an `ErrorCode`, `FailedEntryCount` counts them, and nothing is thrown. */
  putEvents(input: T.PutEventsInput, options?: CallOptions): Promise<T.PutEventsOutput> {
    return this.#call('PutEvents', input, options)
  }

  /** Opens a connection, and finds credentials, before the first call: in Lambda's init phase. Never rejects. */
  connect(): Promise<void> {
    return this.#sender.connect()
  }

  async #call<Output extends object>(operation: string, input: object, options: CallOptions | undefined) {
    return this.#sender.send(jsonCall<Output>(PROTOCOL, operation, input), options)
  }
}
