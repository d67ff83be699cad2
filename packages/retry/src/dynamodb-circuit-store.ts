// Circuits of a whole fleet: one item each in a DynamoDB table, changed by conditional writes.
import { DynamoDB } from '@lambent/aws/dynamodb'
import type { CircuitRecord, CircuitStore } from './circuit-store.ts'
import { mustBeText } from './options.ts'

/** `new DynamoDB()` of `@lambent/aws/dynamodb` or of the AWS SDK v3, or anything with these methods. */
export type CircuitTablePort = Pick<DynamoDB, 'getItem' | 'putItem'>

export interface DynamoDbCircuitStoreOptions {
  /** A table whose key is `keyAttribute`, a string, alone. That of an idempotency store serves too. */
  readonly tableName: string | undefined
  /** @default the client of @lambent/aws, with two attempts of half a second */
  readonly client?: CircuitTablePort | undefined
  /** The partition key. Its value is `circuit#` and the name. @default id */
  readonly keyAttribute?: string | undefined
  /** Epoch seconds: the table's TTL attribute, a day after the last change. @default expiration */
  readonly expiryAttribute?: string | undefined
  /** Of the table. @default that of the function */
  readonly region?: string | undefined
}

const KEPT = 86_400 // s: an item without a change for a day says that the circuit is closed, as no item does

/**
 * Shares circuits in DynamoDB. A change is a conditional write, of which one wins; reads are eventually consistent.
 * @throws {TypeError} for a missing table name, or a client without the methods that are called
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
 */
export function dynamoDbCircuitStore(options: DynamoDbCircuitStoreOptions): CircuitStore {
  const { client: given, keyAttribute = 'id', expiryAttribute = 'expiration', region } = options
  const TableName = mustBeText(options.tableName, 'dynamoDbCircuitStore({ tableName })')
  for (const [name, value] of Object.entries({ keyAttribute, expiryAttribute }))
    mustBeText(value, `dynamoDbCircuitStore({ ${name} })`)
  const client: CircuitTablePort = given ?? new DynamoDB({ region, maxAttempts: 2, requestTimeout: 500 })
  for (const method of ['getItem', 'putItem'] as const)
    if (typeof client[method] !== 'function')
      throw new TypeError(`dynamoDbCircuitStore({ client: new DynamoDB() }) takes a client with ${method}()`)
  const keyOf = (name: string) => ({ [keyAttribute]: { S: `circuit#${name}` } })

  const read = async (name: string, signal: AbortSignal, ConsistentRead: boolean) => {
    const { Item } = await client.getItem({ TableName, Key: keyOf(name), ConsistentRead }, { abortSignal: signal })
    return recordOf(Item)
  }

  return {
    read: (name, { signal }) => read(name, signal, false),
    async write(name, record, expected, { signal }) {
      const { state, until, version } = record
      const seconds = Math.ceil(until / 1000) + KEPT
      const Item = {
        ...keyOf(name),
        state: { S: state },
        until: { N: `${until}` },
        version: { S: version },
        [expiryAttribute]: { N: `${seconds}` },
      }
      try {
        await client.putItem(
          {
            TableName,
            Item,
            ...(expected === undefined
              ? {
                  ConditionExpression: 'attribute_not_exists(#name)',
                  ExpressionAttributeNames: { '#name': keyAttribute },
                }
              : {
                  ConditionExpression: '#name = :expected',
                  ExpressionAttributeNames: { '#name': 'version' },
                  ExpressionAttributeValues: { ':expected': { S: expected } },
                }),
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
          { abortSignal: signal },
        )
        return record
      } catch (error) {
        if (Object(error).name !== 'ConditionalCheckFailedException') throw error
        // Emulators may leave the item out, and where it expired there is none.
        return recordOf(Object(error).Item) ?? (await read(name, signal, true))
      }
    },
    permissions: [
      {
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
        resources: [`arn:aws:dynamodb:${region ?? '*'}:*:table/${TableName}`],
      },
    ],
  }
}

/** @throws {TypeError} for an item that is no circuit's */
function recordOf(item: unknown): CircuitRecord | undefined {
  if (item === undefined) return undefined
  const { state, until, version } = item as {
    readonly [Name in keyof CircuitRecord]?: { readonly S?: unknown; readonly N?: unknown }
  }
  const record = { state: state?.S, until: Number(until?.N), version: version?.S }
  if (!/^(closed|open|halfOpen)$/.test(`${record.state}`) || !(record.until >= 0) || typeof record.version !== 'string')
    throw new TypeError('the item in the table is no circuit: is its key used for something else?')
  return record as CircuitRecord
}
