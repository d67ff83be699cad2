// Amazon DynamoDB: AWS JSON 1.0, with values whose bytes are base64 on the wire.
import type { CallOptions, ClientConfig } from '../client/client-config.ts'
import { bytesOf, type JsonProtocol, jsonCall } from '../client/json.ts'
import { type Sender, sender } from '../client/send.ts'
import { DYNAMODB_SERVICE } from '../client/services.ts'
import type * as T from './types.ts'

const PROTOCOL: JsonProtocol = { version: '1.0', target: 'DynamoDB_20120810' }

/**
 * The methods of the AWS SDK v3's `DynamoDB` that the middlewares call, with the same inputs, outputs and errors.
 *
 * ```ts
 * const db = new DynamoDB()
 * await db.putItem({ TableName: 'orders', Item: { id: { S: '1' } } }, { abortSignal: signal })
 * ```
 *
 * @throws {AwsError} from every method, with AWS's error code as its name
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/
 */
export class DynamoDB {
  readonly #sender: Sender

  constructor(config?: ClientConfig) {
    this.#sender = sender(DYNAMODB_SERVICE, config)
  }

  getItem(input: T.GetItemInput, options?: CallOptions): Promise<T.GetItemOutput> {
    return this.#call('GetItem', input, options)
  }
  putItem(input: T.PutItemInput, options?: CallOptions): Promise<T.PutItemOutput> {
    return this.#call('PutItem', input, options)
  }
  updateItem(input: T.UpdateItemInput, options?: CallOptions): Promise<T.UpdateItemOutput> {
    return this.#call('UpdateItem', input, options)
  }
  deleteItem(input: T.DeleteItemInput, options?: CallOptions): Promise<T.DeleteItemOutput> {
    return this.#call('DeleteItem', input, options)
  }
  query(input: T.QueryInput, options?: CallOptions): Promise<T.QueryOutput> {
    return this.#call('Query', input, options)
  }
  /** `ClientRequestToken` is made where it is left out, so that a further attempt does nothing twice. */
  transactWriteItems(input: T.TransactWriteItemsInput, options?: CallOptions): Promise<T.TransactWriteItemsOutput> {
    const token = input.ClientRequestToken ?? process.getBuiltinModule('node:crypto').randomUUID()
    return this.#call('TransactWriteItems', { ...input, ClientRequestToken: token }, options)
  }

  /** Opens a connection, and finds credentials, before the first call: in Lambda's init phase. Never rejects. */
  connect(): Promise<void> {
    return this.#sender.connect()
  }

  async #call<Output extends object>(operation: string, input: object, options: CallOptions | undefined) {
    return this.#sender.send(jsonCall<Output>(PROTOCOL, operation, input, revive), options)
  }
}

/** Makes bytes of base64 wherever an answer or an error has items. */
function revive(output: Record<string, unknown>): unknown {
  for (const name of ['Item', 'Attributes', 'LastEvaluatedKey']) map(output[name])
  if (Array.isArray(output.Items)) output.Items.forEach(map)
  if (Array.isArray(output.CancellationReasons)) for (const reason of output.CancellationReasons) map(reason?.Item)
  metrics(output.ItemCollectionMetrics)
  return output
}

/** Of one item, or of a transaction: lists by table. */
function metrics(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  const { ItemCollectionKey } = value as { readonly ItemCollectionKey?: unknown }
  if (ItemCollectionKey) map(ItemCollectionKey)
  else for (const inner of Object.values(value)) metrics(inner)
}

function map(values: unknown): void {
  if (typeof values === 'object' && values !== null) for (const value of Object.values(values)) attribute(value)
}

function attribute(value: { B?: unknown; BS?: unknown; M?: unknown; L?: unknown } | null): void {
  if (!value) return
  if (typeof value.B === 'string') value.B = bytesOf(value.B)
  if (Array.isArray(value.BS)) value.BS = value.BS.map(bytesOf)
  if (Array.isArray(value.L)) value.L.forEach(attribute)
  map(value.M)
}
