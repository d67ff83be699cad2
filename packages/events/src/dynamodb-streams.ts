// Amazon DynamoDB Streams: an invocation is a batch of changes of one table, in the order of their shard.
import { type BatchPipeline, type RecordTypes, type SourceTypes, UnexpectedEventError, type Unit } from '@lambent/core'
import { type UnmarshallOptions, unmarshall } from '@lambent/core/dynamodb'
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent, StreamRecord } from 'aws-lambda'
import type { BatchItem, Failures } from './failures.ts'
import type { Nothing, SourceOptions, StreamEachOptions } from './options.ts'
import { streamPipeline, type WindowOptions, type WindowRecordTypes, type WindowTypes } from './streams.ts'
import type { Drop, Fail } from './verdicts.ts'

export { type BatchItem, type Failures, failures } from './failures.ts'
export type { EachOptions, PartialEachOptions, SourceOptions, StreamEachOptions } from './options.ts'
export type { TumblingWindowEvent, Window, WindowOptions, WindowRecordTypes, WindowTypes } from './streams.ts'
export { type Drop, drop, type Fail, fail } from './verdicts.ts'

/** What a stream carries of a change besides the item's key, as set on the table. */
export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES'

/** An item in plain values; parse it by a schema. */
export type Item = Readonly<Record<string, unknown>>

type NewImage<View> = View extends 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES' ? Item : undefined
type OldImage<View> = View extends 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES' ? Item : undefined

interface ChangeOf {
  /** The item's primary key. */
  readonly keys: Item
  readonly sequenceNumber: string
  /** Epoch milliseconds, of a clock that DynamoDB rounds to the second. */
  readonly approximateCreationDateTime: number
}

export interface Insert<View extends StreamViewType = 'NEW_AND_OLD_IMAGES'> extends ChangeOf {
  readonly eventName: 'INSERT'
  readonly newImage: NewImage<View>
  readonly oldImage?: undefined
}

export interface Modify<View extends StreamViewType = 'NEW_AND_OLD_IMAGES'> extends ChangeOf {
  readonly eventName: 'MODIFY'
  readonly newImage: NewImage<View>
  readonly oldImage: OldImage<View>
}

export interface Remove<View extends StreamViewType = 'NEW_AND_OLD_IMAGES'> extends ChangeOf {
  readonly eventName: 'REMOVE'
  readonly newImage?: undefined
  readonly oldImage: OldImage<View>
  /**
   * Whether DynamoDB removed the item because its time to live was over.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
   */
  readonly expired: boolean
}

/**
 * A change of an item, told apart by `eventName`. Keys and images are unmarshalled when they are first read, and throw
 * when they are not as the stream's view type promises.
 */
export type Change<View extends StreamViewType = 'NEW_AND_OLD_IMAGES'> = Insert<View> | Modify<View> | Remove<View>

export interface DynamoDbStreamOptions<View extends StreamViewType = 'NEW_AND_OLD_IMAGES'> extends SourceOptions {
  /**
   * The stream's view type: which images there are, in types and when they are read.
   * @default 'NEW_AND_OLD_IMAGES'
   */
  readonly view?: View | undefined
  /**
   * `exact`: numbers where they are exact, else bigints, or strings for fractions. `string`: always strings.
   * @default 'exact'
   */
  readonly numbers?: UnmarshallOptions['numbers']
}

/** A change that `failures()` takes. */
export type BatchChange<View extends StreamViewType = 'NEW_AND_OLD_IMAGES'> = Change<View> & BatchItem<'aws:dynamodb'>

export interface DynamoDbStreamTypes<View extends StreamViewType> extends SourceTypes {
  readonly event: DynamoDBStreamEvent
  readonly context: {
    readonly event: DynamoDBStreamEvent
    /** The changes of the batch. */
    readonly records: readonly BatchChange<View>[]
  }
  readonly returns: Nothing | Failures<'aws:dynamodb'>
  readonly response: DynamoDBBatchResponse
}

export interface DynamoDbRecordTypes<View extends StreamViewType> extends RecordTypes {
  readonly context: { readonly event: DynamoDBRecord; readonly change: Change<View> }
  readonly returns: Nothing | Drop | Fail
  readonly options: StreamEachOptions
}

/**
 * Changes of a table. The event source mapping must have `ReportBatchItemFailures`, or Lambda ignores what is reported.
 *
 * `.each()` runs the changes in order and stops at the first that throws, that the deadline leaves no time to start, or
 * that does not end within half of the reserve after it: from there on Lambda sends all again. With a `concurrency` more
 * than 1 run at once, and those of one item in order. A handler may return `drop()` and `fail()`.
 *
 * Without `.each()` the handler gets all `records`, and returns nothing or `failures(...)`.
 *
 * ```ts
 * export const handler = dynamoDbStream().each().handle(async ({ change }) => {
 *   if (change.eventName === 'MODIFY') await audit(change.oldImage, change.newImage)
 * })
 * ```
 *
 * With a `window` handlers see `ctx.window`, and return the state that the next one gets.
 *
 * An event of another kind, or with a record that has no sequence number, fails with an UnexpectedEventError.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html
 */
export function dynamoDbStream<State extends object, const View extends StreamViewType = 'NEW_AND_OLD_IMAGES'>(
  options: DynamoDbStreamOptions<View> & { readonly window: WindowOptions<State> },
): BatchPipeline<WindowTypes<DynamoDbStreamTypes<View>, State>, WindowRecordTypes<DynamoDbRecordTypes<View>, State>>
export function dynamoDbStream<const View extends StreamViewType = 'NEW_AND_OLD_IMAGES'>(
  options?: DynamoDbStreamOptions<View> & { readonly window?: undefined },
): BatchPipeline<DynamoDbStreamTypes<View>, DynamoDbRecordTypes<View>>
export function dynamoDbStream(
  options: DynamoDbStreamOptions<StreamViewType> & { readonly window?: WindowOptions<object> | undefined } = {},
): unknown {
  const { view = 'NEW_AND_OLD_IMAGES', numbers, reserve, window } = options
  const images: Images = {
    new: view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES',
    old: view === 'OLD_IMAGE' || view === 'NEW_AND_OLD_IMAGES',
    numbers,
  }
  return streamPipeline<DynamoDBRecord, BatchChange<StreamViewType>>({
    name: 'aws:dynamodb',
    reserve,
    window,
    missing,
    read: record => new StreamChange(record, images) as unknown as BatchChange<StreamViewType>,
    open,
  })
}

interface Images extends UnmarshallOptions {
  readonly new: boolean
  readonly old: boolean
}

/** Without it the record could not be reported, and would be lost when it failed. */
function missing({ dynamodb }: DynamoDBRecord): string | undefined {
  const number = dynamodb?.SequenceNumber
  return typeof number === 'string' && number !== '' ? undefined : 'dynamodb.SequenceNumber'
}

function open<View extends StreamViewType>(
  change: Change<View>,
): { readonly unit: Unit; readonly event: DynamoDBRecord; readonly change: Change<View> } {
  const { record, stream } = change as unknown as StreamChange
  const { eventID, eventName, eventVersion, awsRegion, eventSourceARN, userIdentity } = record
  const unit: Unit = {
    kind: 'record',
    source: 'aws:dynamodb',
    id: change.sequenceNumber,
    sourceArn: eventSourceARN,
    raw: stream,
    groupId: groupOf(stream.Keys),
    sentAt: createdAt(stream),
    // `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>`
    origin: { eventID, eventName, eventVersion, awsRegion, tableName: eventSourceARN?.split('/')[1], userIdentity },
  }
  return { unit, event: record, change }
}

/** The same text for the same key, whatever the order of its attributes. */
function groupOf(keys: StreamRecord['Keys']): string | undefined {
  if (!keys) return undefined
  return JSON.stringify(
    Object.keys(keys)
      .sort()
      .map(name => [name, keys[name]]),
  )
}

/** Seconds in the record, milliseconds here. */
function createdAt({ ApproximateCreationDateTime: seconds }: StreamRecord): number | undefined {
  return typeof seconds === 'number' ? Math.round(seconds * 1000) : undefined
}

const EVENT_NAMES: readonly unknown[] = ['INSERT', 'MODIFY', 'REMOVE']

class StreamChange {
  readonly record: DynamoDBRecord
  readonly #images: Images
  #keys: Item | undefined
  #new: Item | undefined
  #old: Item | undefined

  constructor(record: DynamoDBRecord, images: Images) {
    this.record = record
    this.#images = images
  }

  get stream(): StreamRecord {
    return this.record.dynamodb ?? {} // the source has checked that it is there
  }
  get sequenceNumber(): string | undefined {
    return this.stream.SequenceNumber
  }
  get eventName(): string {
    const { eventName } = this.record
    return eventName && EVENT_NAMES.includes(eventName)
      ? eventName
      : this.#fail('eventName is none of INSERT, MODIFY, REMOVE')
  }
  get approximateCreationDateTime(): number {
    return createdAt(this.stream) ?? this.#fail('dynamodb.ApproximateCreationDateTime is not a number')
  }
  get keys(): Item {
    this.#keys ??= this.#plain('Keys')
    return this.#keys
  }
  get newImage(): Item | undefined {
    if (!this.#images.new || this.eventName === 'REMOVE') return undefined
    this.#new ??= this.#plain('NewImage')
    return this.#new
  }
  get oldImage(): Item | undefined {
    if (!this.#images.old || this.eventName === 'INSERT') return undefined
    this.#old ??= this.#plain('OldImage')
    return this.#old
  }
  get expired(): boolean {
    const by = this.record.userIdentity
    return this.eventName === 'REMOVE' && by?.type === 'Service' && by.principalId === 'dynamodb.amazonaws.com'
  }

  #plain(name: 'Keys' | 'NewImage' | 'OldImage'): Item {
    const image = this.stream[name]
    if (image) return unmarshall(image, this.#images)
    const view = this.stream.StreamViewType
    const why =
      name !== 'Keys' && view ? `, the stream's view type is ${view}: set dynamoDbStream({ view: '${view}' })` : ''
    return this.#fail(`${this.record.eventName} without dynamodb.${name}${why}`)
  }

  #fail(what: string): never {
    throw new UnexpectedEventError(`change ${this.sequenceNumber}: ${what}`)
  }
}
