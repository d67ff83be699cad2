// An item of a DynamoDB table.
import { DynamoDB } from '@lambent/aws/dynamodb'
import { unmarshall } from '@lambent/core/dynamodb'
import { type Decoded, type DecodeOptions, decode } from './decode.ts'
import { SecretError, secretError } from './secret-error.ts'
import { fulfilled, mustBeName, rejected, type SecretSource } from './source.ts'

/** `new DynamoDB()` of @lambent/aws or of the AWS SDK v3. */
export type ItemPort = Pick<DynamoDB, 'getItem'>

export interface DynamoDbItemOptions extends Pick<DecodeOptions, 'schema'> {
  readonly tableName: string
  /** The item's key, such as `{ id: 'flags' }`. */
  readonly key: Readonly<Record<string, string | number>>
  /** Twice the read units, and no older value. @default false */
  readonly consistentRead?: boolean | undefined
  /** @default that of the function */
  readonly region?: string | undefined
  /** @default the client of @lambent/aws */
  readonly client?: ItemPort | undefined
  /** ms. @default that of `secrets()` */
  readonly maxAge?: number | undefined
}

/** An item as plain values. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html */
export function dynamoDbItem<const Options extends DynamoDbItemOptions>(
  options: Options,
): SecretSource<Decoded<Options, Readonly<Record<string, unknown>>>>
export function dynamoDbItem(options: DynamoDbItemOptions): SecretSource {
  const {
    tableName,
    key,
    consistentRead = false,
    schema,
    region,
    client = new DynamoDB(region ? { region } : {}),
    maxAge,
  } = options
  const name = `item of ${mustBeName(tableName, 'dynamoDbItem({ tableName })')}`
  if (typeof key !== 'object' || key === null || Object.keys(key).length === 0)
    throw new TypeError('dynamoDbItem({ key }) takes the key of an item')
  const Key = Object.fromEntries(
    Object.entries(key).map(([attribute, value]) => [
      attribute,
      typeof value === 'number' ? { N: `${value}` } : { S: value },
    ]),
  )

  async function get(signal: AbortSignal): Promise<unknown> {
    const input = { TableName: tableName, Key, ConsistentRead: consistentRead }
    const { Item } = await client.getItem(input, { abortSignal: signal })
    if (!Item) throw new SecretError(name, 'missing', 'the table has no item of this key')
    return unmarshall(Item as never)
  }

  return {
    name,
    kind: 'dynamodb',
    loader: {
      async load(requests, { signal }) {
        const outcome = await get(signal).then(fulfilled, error =>
          rejected(secretError(name, 'dynamodb:GetItem', error)),
        )
        return requests.map(() => outcome)
      },
    },
    request: undefined,
    decode: raw => decode(name, raw, { schema }),
    maxAge,
    permissions: [
      { actions: ['dynamodb:GetItem'], resources: [`arn:aws:dynamodb:${region ?? '*'}:*:table/${tableName}`] },
    ],
  }
}
