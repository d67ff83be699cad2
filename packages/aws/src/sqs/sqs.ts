// Amazon SQS: AWS JSON 1.0, at the host of the queue's URL.
import type { CallOptions, ClientConfig } from '../client/client-config.ts'
import type { Endpoint } from '../client/endpoint.ts'
import { bytesOf, type JsonProtocol, jsonCall } from '../client/json.ts'
import { type Sender, sender } from '../client/send.ts'
import { SQS_SERVICE } from '../client/services.ts'
import type * as T from './types.ts'

const PROTOCOL: JsonProtocol = { version: '1.0', target: 'AmazonSQS' }

/**
 * The methods of the AWS SDK v3's `SQS` that the middlewares call, with the same inputs, outputs and errors. Calls go to
 * the host of `QueueUrl`, unless the client or the environment names an endpoint.
 * @throws {AwsError} from every method, with AWS's error code as its name
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/
 */
export class SQS {
  readonly #sender: Sender
  readonly #requestTimeout: number

  constructor(config?: ClientConfig) {
    this.#sender = sender(SQS_SERVICE, config)
    this.#requestTimeout = config?.requestTimeout ?? 10_000
  }

  sendMessage(input: T.SendMessageInput, options?: CallOptions): Promise<T.SendMessageOutput> {
    return this.#call('SendMessage', input, options)
  }
  /** Some entries may fail: they are in `Failed`, and nothing is thrown. */
  async sendMessageBatch(input: T.SendMessageBatchInput, options?: CallOptions): Promise<T.SendMessageBatchOutput> {
    return lists(await this.#call<T.SendMessageBatchOutput>('SendMessageBatch', input, options))
  }
  changeMessageVisibility(
    input: T.ChangeMessageVisibilityInput,
    options?: CallOptions,
  ): Promise<T.ChangeMessageVisibilityOutput> {
    return this.#call('ChangeMessageVisibility', input, options)
  }
  /** Where `WaitTimeSeconds` is given, an attempt has that much more time. */
  receiveMessage(input: T.ReceiveMessageInput, options: CallOptions = {}): Promise<T.ReceiveMessageOutput> {
    const requestTimeout = (options.requestTimeout ?? this.#requestTimeout) + (input.WaitTimeSeconds ?? 0) * 1000
    return this.#call('ReceiveMessage', input, { ...options, requestTimeout })
  }
  deleteMessage(input: T.DeleteMessageInput, options?: CallOptions): Promise<T.DeleteMessageOutput> {
    return this.#call('DeleteMessage', input, options)
  }
  /** Some entries may fail: they are in `Failed`, and nothing is thrown. */
  async deleteMessageBatch(
    input: T.DeleteMessageBatchInput,
    options?: CallOptions,
  ): Promise<T.DeleteMessageBatchOutput> {
    return lists(await this.#call<T.DeleteMessageBatchOutput>('DeleteMessageBatch', input, options))
  }
  startMessageMoveTask(
    input: T.StartMessageMoveTaskInput,
    options?: CallOptions,
  ): Promise<T.StartMessageMoveTaskOutput> {
    return this.#call('StartMessageMoveTask', input, options)
  }
  getQueueUrl(input: T.GetQueueUrlInput, options?: CallOptions): Promise<T.GetQueueUrlOutput> {
    return this.#call('GetQueueUrl', input, options)
  }
  getQueueAttributes(input: T.GetQueueAttributesInput, options?: CallOptions): Promise<T.GetQueueAttributesOutput> {
    return this.#call('GetQueueAttributes', input, options)
  }

  /** Opens a connection, and finds credentials, before the first call: in Lambda's init phase. Never rejects. */
  connect(): Promise<void> {
    return this.#sender.connect()
  }

  async #call<Output extends object>(operation: string, input: object, options: CallOptions | undefined) {
    const call = jsonCall<Output>(PROTOCOL, operation, input, revive)
    return this.#sender.send(
      { ...call, endpoint: base => hostOf((input as { readonly QueueUrl?: string }).QueueUrl, base) },
      options,
    )
  }
}

/** A queue may be in another region's host, or in the one of a VPC endpoint. */
function hostOf(queueUrl: string | undefined, base: Endpoint): Endpoint {
  if (base.custom || !queueUrl || !/^https:\/\//.test(queueUrl)) return base
  const { hostname, host, port } = new URL(queueUrl)
  return { ...base, hostname, host, port: port ? Number(port) : 443 }
}

/** AWS leaves out what is empty, where the SDK's types promise lists. */
function lists<Output extends { Successful?: unknown; Failed?: unknown }>(output: Output): Output {
  return { ...output, Successful: output.Successful ?? [], Failed: output.Failed ?? [] }
}

/** Makes bytes of base64 in message attributes. */
function revive(output: { readonly Messages?: readonly { readonly MessageAttributes?: object }[] }): unknown {
  for (const { MessageAttributes = {} } of output.Messages ?? [])
    for (const value of Object.values(MessageAttributes))
      if (typeof value?.BinaryValue === 'string') value.BinaryValue = bytesOf(value.BinaryValue)
  return output
}
