// Kafka, by Amazon MSK or self-managed: an invocation is a batch of records, in the order of each topic partition.
import {
  type BatchPipeline,
  type BatchSource,
  LambentError,
  type RecordTypes,
  type SourceTypes,
  UnexpectedEventError,
  type Unit,
} from '@lambent/core'
import { isObject } from '@lambent/core/event-kind'
import type { MSKEvent, MSKRecord, SelfManagedKafkaEvent, SelfManagedKafkaRecord } from 'aws-lambda'
import { throwNotDone } from './all-tried.ts'
import { batchPipeline } from './batch-pipeline.ts'
import { unexpected } from './expected.ts'
import { type BatchItem, batchResponse, type Failures, type Identity } from './failures.ts'
import { mustBeConcurrency, type Nothing, type PartialEachOptions, type SourceOptions } from './options.ts'
import { eachPartial } from './partial.ts'
import { eachRecord } from './records.ts'
import { invocationUnit } from './units.ts'
import type { Drop, Fail } from './verdicts.ts'

export { type BatchItem, type Failures, failures } from './failures.ts'
export type { EachOptions, PartialEachOptions, SourceOptions } from './options.ts'
export { type Drop, drop, type Fail, fail } from './verdicts.ts'

/**
 * A record of Kafka in plain values. Key, value, headers and times are read from the event when they are read here, and
 * throw an UnexpectedEventError where it lacks what their type promises.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
 */
export interface KafkaRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Epoch milliseconds. */
  readonly timestamp: number
  /** Whose clock `timestamp` is: the producer's or the broker's. */
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME'
  /** Null in a record without key. */
  readonly key: Uint8Array | null
  /** Null in a tombstone, which says that what has this key is deleted. */
  readonly value: Uint8Array | null
  /** All values of each name, in their order: Kafka lets a name repeat. */
  readonly headers: Readonly<Record<string, readonly Uint8Array[]>>
}

export interface KafkaOptions<Report extends boolean = false> extends SourceOptions {
  /**
   * Whether to report the records that are not done, instead of failing the invocation. Set it together with
   * `ReportBatchItemFailures` on the event source mapping, which must have provisioned mode for that: without it Lambda
   * ignores what is reported, and the records are lost.
   * @default false
   * @see https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
   */
  readonly reportBatchItemFailures?: Report | undefined
}

/** A record that `failures()` takes. */
export type KafkaBatchRecord = KafkaRecord & BatchItem<'aws:kafka'>

/** What Lambda reads when the event source mapping has `ReportBatchItemFailures`. */
export interface KafkaBatchResponse {
  batchItemFailures: {
    itemIdentifier: {
      /** `<topic>-<partition>`, as it is in the event. */
      partition: string
      offset: number
    }
  }[]
}

export interface KafkaTypes<Report extends boolean> extends SourceTypes {
  readonly event: MSKEvent | SelfManagedKafkaEvent
  readonly context: {
    readonly event: MSKEvent | SelfManagedKafkaEvent
    /** The records of the batch, one topic partition after the other. */
    readonly records: readonly KafkaBatchRecord[]
  }
  readonly returns: Report extends true ? Nothing | Failures<'aws:kafka'> : Nothing
  readonly response: Report extends true ? KafkaBatchResponse : Nothing
}

export interface KafkaEachOptions<Report extends boolean = false> {
  /**
   * How many records run at once at most. With more than 1 the topic partitions of a batch run side by side; in each of
   * them one record runs after the other.
   * @default 1
   */
  readonly concurrency?: number | undefined
  /**
   * When it reports: whether the invocation fails, with an AggregateError, when not a single record is done.
   * @default false
   */
  readonly throwOnFullFailure?: Report extends true ? PartialEachOptions['throwOnFullFailure'] : undefined
}

export interface KafkaRecordTypes<Report extends boolean> extends RecordTypes {
  readonly context: { readonly event: MSKRecord | SelfManagedKafkaRecord; readonly record: KafkaRecord }
  readonly returns: Nothing | Drop | Fail
  readonly options: KafkaEachOptions<Report>
}

/**
 * Records of topics, from Amazon MSK or a cluster of your own.
 *
 * `.each()` keeps the order of each topic partition: after a record that throws, or that the deadline leaves no time to
 * start or end, the later ones of its partition are not run; other partitions go on. Then the invocation fails: with the error
 * itself where the batch has one record, and else with an AggregateError. Lambda sends the whole batch again until it
 * succeeds or expires, what was done included: be idempotent. A handler may return `drop()` and `fail()`.
 *
 * With `reportBatchItemFailures: true` it reports instead: the failed record and the later ones of its partition come
 * again, the others are done.
 *
 * Without `.each()` the handler gets all `records`; when it reports, it may return `failures(...)`.
 *
 * ```ts
 * export const handler = kafka({ reportBatchItemFailures: true })
 *   .each()
 *   .use(parse(json(Order)))
 *   .handle(async ({ body, record }) => project(record.topic, body))
 * ```
 *
 * An event of another kind, or with a record that has no offset, fails with an UnexpectedEventError.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
 */
export function kafka<const Report extends boolean = false>(
  options: KafkaOptions<Report> = {},
): BatchPipeline<KafkaTypes<Report>, KafkaRecordTypes<Report>> {
  const { reserve, reportBatchItemFailures = false } = options
  const source: BatchSource<KafkaTypes<boolean>, KafkaRecordTypes<boolean>> = {
    name: 'aws:kafka',
    reserve,
    open(event, lambda) {
      const { given, records, sourceArn } = checked(event)
      return { unit: invocationUnit('aws:kafka', event, lambda, sourceArn), event: given, records }
    },
    respond(value, ctx) {
      const { batchItemFailures } = batchResponse(value, ctx, 'grouped', identify)
      if (reportBatchItemFailures)
        return { batchItemFailures: batchItemFailures.map(({ itemIdentifier }) => coordinates(itemIdentifier)) }
      if (batchItemFailures.length > 0) throw notReported()
      return undefined
    },
    each: ({ concurrency = 1, throwOnFullFailure } = {}) => {
      mustBeConcurrency(concurrency)
      if (reportBatchItemFailures)
        return (ctx, run) => eachPartial(ctx, 'grouped', open, run, { concurrency, throwOnFullFailure })
      return async (ctx, run) => {
        const notDone = await eachRecord(ctx, ctx.records, 'grouped', open, run, { concurrency })
        // Those that only waited for another have no error to tell of.
        const own = notDone.filter(({ waited }) => !waited)
        throwNotDone(own, ctx.records.length, idOf)
      }
    },
  }
  return batchPipeline(source) as unknown as BatchPipeline<KafkaTypes<Report>, KafkaRecordTypes<Report>>
}

const EXPECTED = 'a Kafka event with records'

interface Checked {
  readonly given: MSKEvent | SelfManagedKafkaEvent
  readonly records: readonly KafkaBatchRecord[]
  readonly sourceArn: string | undefined
}

function checked(event: unknown): Checked {
  const { eventSource, eventSourceArn, records: partitions } = isObject(event) ? event : {}
  if ((eventSource !== 'aws:kafka' && eventSource !== 'SelfManagedKafka') || !isObject(partitions))
    throw unexpected(EXPECTED, event)
  const sourceArn = typeof eventSourceArn === 'string' ? eventSourceArn : undefined
  const records: Incoming[] = []
  for (const [group, list] of Object.entries(partitions)) {
    const name = `records[${JSON.stringify(group)}]`
    if (!Array.isArray(list)) throw new UnexpectedEventError(`expected ${EXPECTED}: ${name} is no array`)
    for (const [index, record] of list.entries()) {
      const lack = missing(record)
      if (lack) throw new UnexpectedEventError(`expected ${EXPECTED}: ${name}[${index}] has no ${lack}`)
      records.push(new Incoming(record, group, sourceArn))
    }
  }
  if (records.length === 0) throw unexpected(EXPECTED, event)
  return {
    given: event as MSKEvent | SelfManagedKafkaEvent,
    records: records as unknown as readonly KafkaBatchRecord[],
    sourceArn,
  }
}

/** An offset that a number does not hold exactly would stand for several records: it could not be reported. */
function missing(record: unknown): string | undefined {
  if (!isObject(record) || typeof record.topic !== 'string') return 'topic'
  if (!Number.isSafeInteger(record.partition)) return 'partition'
  const { offset } = record
  return Number.isSafeInteger(offset) && (offset as number) >= 0 ? undefined : 'offset that is a safe integer'
}

function idOf(record: KafkaRecord): string {
  const { group, offset } = record as Incoming
  return `${group}-${offset}`
}

function identify(record: KafkaRecord): Identity {
  return { itemIdentifier: idOf(record), groupId: (record as Incoming).group }
}

/** What an id is made of. A topic may have hyphens in its name, an offset has none. */
function coordinates(id: string): KafkaBatchResponse['batchItemFailures'][number] {
  const hyphen = id.lastIndexOf('-')
  return { itemIdentifier: { partition: id.slice(0, hyphen), offset: Number(id.slice(hyphen + 1)) } }
}

function notReported(): LambentError {
  return new LambentError(
    'the handler returned failures, but kafka() does not report them: set reportBatchItemFailures, or throw',
    { code: 'NotReported' },
  )
}

function open(record: KafkaRecord): KafkaRecordTypes<boolean>['context'] & { readonly unit: Unit } {
  const { event, group, sourceArn } = record as Incoming
  const { topic, partition, offset, timestamp, timestampType, key, headers } = event
  const unit: Unit = {
    kind: 'record',
    source: 'aws:kafka',
    id: idOf(record),
    sourceArn,
    get raw() {
      return record.value
    },
    groupId: group,
    sentAt: typeof timestamp === 'number' ? timestamp : undefined,
    origin: { topic, partition, offset, timestampType, key, headers },
  }
  return { unit, event, record }
}

// Getters on a prototype: a record costs one small object until somebody reads it.
class Incoming implements KafkaRecord {
  readonly event: MSKRecord | SelfManagedKafkaRecord
  /** `<topic>-<partition>`: what Lambda calls it in the event, and takes in the response. */
  readonly group: string
  readonly sourceArn: string | undefined
  #key: Uint8Array | null | undefined
  #value: Uint8Array | null | undefined
  #headers: KafkaRecord['headers'] | undefined

  constructor(event: MSKRecord | SelfManagedKafkaRecord, group: string, sourceArn: string | undefined) {
    this.event = event
    this.group = group
    this.sourceArn = sourceArn
  }

  get topic(): string {
    return this.event.topic
  }
  get partition(): number {
    return this.event.partition
  }
  get offset(): number {
    return this.event.offset
  }
  get timestamp(): number {
    const { timestamp } = this.event
    return typeof timestamp === 'number' ? timestamp : this.#fail('timestamp is not a number')
  }
  get timestampType(): KafkaRecord['timestampType'] {
    return this.event.timestampType
  }
  get key(): Uint8Array | null {
    if (this.#key === undefined) this.#key = this.#bytes('key')
    return this.#key
  }
  get value(): Uint8Array | null {
    if (this.#value === undefined) this.#value = this.#bytes('value')
    return this.#value
  }
  get headers(): KafkaRecord['headers'] {
    this.#headers ??= this.#byName()
    return this.#headers
  }

  #bytes(name: 'key' | 'value'): Uint8Array | null {
    const base64: unknown = this.event[name]
    if (base64 === undefined || base64 === null) return null
    if (typeof base64 === 'string') return new Uint8Array(Buffer.from(base64, 'base64'))
    return this.#fail(`${name} is no base64 text`)
  }

  /** The event has a list of objects of one name each, and bytes as Java has them, from -128 on. */
  #byName(): KafkaRecord['headers'] {
    const byName = new Map<string, Uint8Array[]>()
    for (const header of this.event.headers ?? []) {
      for (const [name, bytes] of Object.entries(header)) {
        if (!Array.isArray(bytes ?? [])) this.#fail(`header ${name} is no array of bytes`)
        const values = byName.get(name) ?? []
        byName.set(name, values)
        values.push(Uint8Array.from(bytes ?? []))
      }
    }
    return Object.fromEntries(byName)
  }

  #fail(what: string): never {
    throw new UnexpectedEventError(`record ${this.group}-${this.offset}: ${what}`)
  }
}
