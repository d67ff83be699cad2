// A table of DynamoDB, laid out as Powertools for AWS Lambda (TypeScript) lays out its own.

import { DynamoDB } from '@lambent/aws/dynamodb'
import { decode, encode } from './codec.ts'
import { type AttributeValue, marshallJson, unmarshallJson } from './marshall.ts'
import type { IdempotencyStore, Lock, StoredRecord } from './store.ts'

/** `new DynamoDB()` of @lambent/aws or of the AWS SDK v3. */
export type DynamoDbPort = Pick<DynamoDB, 'putItem' | 'updateItem' | 'deleteItem' | 'getItem'>

export interface DynamoDbStoreOptions {
  /** Its name or ARN. A TypeError where it is undefined: an environment variable that is not set. */
  readonly tableName: string | undefined
  /** @default the client of @lambent/aws */
  readonly client?: DynamoDbPort | undefined
  /**
   * `powertools`: keys and results as Powertools writes and reads them, so that a function of either can take over from
   * the other. Results are then what JSON has. @default 'lambent'
   */
  readonly format?: 'lambent' | 'powertools' | undefined
  /** @default 'id' */
  readonly keyAttribute?: string | undefined
  /** The sort key, where the table has one: it then holds the key, and the partition key a static value. */
  readonly sortKeyAttribute?: string | undefined
  /** @default `idempotency#<function name>` */
  readonly staticPartitionKey?: string | undefined
  /** @default 'status' */
  readonly statusAttribute?: string | undefined
  /** The attribute of the table's time to live, in epoch seconds. @default 'expiration' */
  readonly expiryAttribute?: string | undefined
  /** @default 'in_progress_expiration' */
  readonly inProgressExpiryAttribute?: string | undefined
  /** @default 'data' */
  readonly dataAttribute?: string | undefined
  /** @default 'validation' */
  readonly validationAttribute?: string | undefined
  /** @default 'owner' */
  readonly ownerAttribute?: string | undefined
}

type Item = Readonly<Record<string, AttributeValue>>

const MAX_BYTES = 390_000 // of an item's 400 KB, the rest is for key and attributes

/**
 * One write to acquire and one to complete; no read, but where a conflict does not say what is there.
 * @throws {TypeError} without the table's name
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
 */
export function dynamoDbStore(options: DynamoDbStoreOptions): IdempotencyStore {
  const {
    tableName,
    client = new DynamoDB(),
    format = 'lambent',
    keyAttribute = 'id',
    sortKeyAttribute,
    statusAttribute = 'status',
    expiryAttribute = 'expiration',
    inProgressExpiryAttribute = 'in_progress_expiration',
    dataAttribute = 'data',
    validationAttribute = 'validation',
    ownerAttribute = 'owner',
  } = options
  if (typeof tableName !== 'string' || tableName === '')
    throw new TypeError(
      `dynamoDbStore({ tableName }) takes the name of a table, got ${tableName === '' ? 'an empty text' : typeof tableName}: is the environment variable set?`,
    )
  if (sortKeyAttribute === keyAttribute)
    throw new TypeError('dynamoDbStore({ keyAttribute, sortKeyAttribute }) takes two attributes')
  const TableName = tableName
  const names = {
    '#status': statusAttribute,
    '#expiry': expiryAttribute,
    '#lock': inProgressExpiryAttribute,
  }

  function keyOf(key: string): Record<string, AttributeValue> {
    if (!sortKeyAttribute) return { [keyAttribute]: { S: key } }
    const partition = options.staticPartitionKey ?? `idempotency#${process.env.AWS_LAMBDA_FUNCTION_NAME ?? ''}`
    return { [keyAttribute]: { S: partition }, [sortKeyAttribute]: { S: key } }
  }

  function recordOf(item: Item): StoredRecord {
    const status = textOf(item[statusAttribute])
    const expiry = numberOf(item[expiryAttribute])
    if ((status !== 'INPROGRESS' && status !== 'COMPLETED') || expiry === undefined)
      throw new TypeError(
        `an item of ${TableName} is no idempotency record: it has no ${statusAttribute} and ${expiryAttribute}`,
      )
    const data = item[dataAttribute]
    return {
      status,
      expiresAt: expiry * 1000,
      lockedUntil: numberOf(item[inProgressExpiryAttribute]),
      validation: textOf(item[validationAttribute]),
      data: data && (format === 'powertools' ? encode(unmarshallJson(data)) : textOf(data)),
    }
  }

  const read = async (key: string, signal: AbortSignal | undefined) =>
    (await client.getItem({ TableName, Key: keyOf(key), ConsistentRead: true }, callOf(signal))).Item as
      | Item
      | undefined

  /** That the record is in progress, and whose. */
  const condition = ({ lockedUntil, owner }: Lock) => ({
    text: `#status = :inprogress AND #lock = :lock${owner === undefined ? '' : ' AND #owner = :owner'}`,
    names: owner === undefined ? {} : { '#owner': ownerAttribute },
    values: {
      ':inprogress': { S: 'INPROGRESS' },
      ':lock': { N: `${lockedUntil}` },
      ...(owner !== undefined && { ':owner': { S: owner } }),
    },
  })

  return {
    format,
    maxBytes: MAX_BYTES,
    permissions: [
      {
        actions: ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        resources: [`arn:aws:dynamodb:*:*:table/${TableName}`],
      },
    ],

    async acquire({ key, now, lockedUntil, expiresAt, validation, owner }, { signal } = {}) {
      const Item = {
        ...keyOf(key),
        [statusAttribute]: { S: 'INPROGRESS' },
        [expiryAttribute]: { N: `${Math.round(expiresAt / 1000)}` },
        [inProgressExpiryAttribute]: { N: `${lockedUntil}` },
        ...(validation !== undefined && { [validationAttribute]: { S: validation } }),
        ...(owner !== undefined && { [ownerAttribute]: { S: owner } }),
      }
      const own = owner === undefined ? '' : ' OR (#status = :inprogress AND #owner = :owner)'
      const input = {
        TableName,
        Item,
        ConditionExpression: `attribute_not_exists(#id) OR #expiry < :seconds OR (#status = :inprogress AND attribute_exists(#lock) AND #lock < :now)${own}`,
        ExpressionAttributeNames: {
          ...names,
          '#id': keyAttribute,
          ...(owner !== undefined && { '#owner': ownerAttribute }),
        },
        ExpressionAttributeValues: {
          ':seconds': { N: `${Math.round(now / 1000)}` },
          ':now': { N: `${now}` },
          ':inprogress': { S: 'INPROGRESS' },
          ...(owner !== undefined && { ':owner': { S: owner } }),
        },
        ReturnValues: 'ALL_OLD' as const,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
      }
      try {
        const { Attributes } = await client.putItem(input, callOf(signal))
        const before = Attributes as Item | undefined
        const tookOver =
          textOf(before?.[statusAttribute]) === 'INPROGRESS' &&
          (owner === undefined || textOf(before?.[ownerAttribute]) !== owner)
        return { acquired: true, lock: { key, lockedUntil, owner }, tookOver }
      } catch (error) {
        const { name, Item: found } = Object(error) as Conflict
        if (name !== CONFLICT) throw error
        const item = found ?? (await read(key, signal))
        // Released in between: whoever asks again may have it.
        if (!item) return { acquired: false, record: { status: 'INPROGRESS', expiresAt, lockedUntil: now } }
        return { acquired: false, record: recordOf(item) }
      }
    },

    async complete(lock, { data, expiresAt, validation }, { signal } = {}) {
      const sets = ['#status = :completed', '#expiry = :expiry']
      const values: Record<string, AttributeValue> = {
        ':completed': { S: 'COMPLETED' },
        ':expiry': { N: `${Math.round(expiresAt / 1000)}` },
      }
      const more: Record<string, string> = {}
      if (data !== undefined) {
        sets.push('#data = :data')
        more['#data'] = dataAttribute
        values[':data'] = format === 'powertools' ? marshallJson(decode(data)) : { S: data }
      }
      if (validation !== undefined) {
        sets.push('#validation = :validation')
        more['#validation'] = validationAttribute
        values[':validation'] = { S: validation }
      }
      const mine = condition(lock)
      try {
        await client.updateItem(
          {
            TableName,
            Key: keyOf(lock.key),
            UpdateExpression: `SET ${sets.join(', ')}`,
            ConditionExpression: mine.text,
            ExpressionAttributeNames: { ...names, ...more, ...mine.names },
            ExpressionAttributeValues: { ...values, ...mine.values },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
          callOf(signal),
        )
        return true
      } catch (error) {
        const { name, Item: found } = Object(error) as Conflict
        if (name !== CONFLICT) throw error
        // Completed, and by this lock: the write took place, its answer was lost, and a client sent it again.
        const item = found ?? (await read(lock.key, signal))
        return (
          textOf(item?.[statusAttribute]) === 'COMPLETED' &&
          numberOf(item?.[inProgressExpiryAttribute]) === lock.lockedUntil &&
          textOf(item?.[ownerAttribute]) === lock.owner
        )
      }
    },

    async release(lock, { signal } = {}) {
      const mine = condition(lock)
      try {
        await client.deleteItem(
          {
            TableName,
            Key: keyOf(lock.key),
            ConditionExpression: mine.text,
            ExpressionAttributeNames: {
              '#status': statusAttribute,
              '#lock': inProgressExpiryAttribute,
              ...mine.names,
            },
            ExpressionAttributeValues: mine.values,
          },
          callOf(signal),
        )
        return true
      } catch (error) {
        if (Object(error).name === CONFLICT) return false
        throw error
      }
    },
  }
}

const CONFLICT = 'ConditionalCheckFailedException'

interface Conflict {
  readonly name?: string
  readonly Item?: Item
}

const callOf = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {})

function textOf(value: AttributeValue | undefined): string | undefined {
  return value && 'S' in value ? value.S : undefined
}

function numberOf(value: AttributeValue | undefined): number | undefined {
  return value && 'N' in value ? Number(value.N) : undefined
}
