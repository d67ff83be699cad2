// What becomes of a record of Firehose: the answer for what a handler returned, and a response that Lambda lets through.
import type { FirehoseTransformationResult, FirehoseTransformationResultRecord } from 'aws-lambda'
import type { Nothing } from './options.ts'
import { type Drop, type Fail, isOwnDrop, raise } from './verdicts.ts'

declare const DATA: unique symbol
// A symbol, which JSON has not: a record that a handler returns as it was parsed must not choose its own partition. From
// the registry, so that an ES module copy and a CommonJS copy of this file agree.
const ANSWER: unique symbol = Symbol.for('lambent.firehose')

/** Text as it is, bytes as they are, any other object as one line of JSON. Not a promise: await it. */
export type FirehoseData = string | JsonObject | (object & { readonly then?: never })

// An interface has no index signature, and an object literal no place in `object` alone: both are data.
interface JsonObject {
  readonly [key: string]: unknown
}

/** Values of the partition keys, by name. */
export type PartitionKeys = Readonly<Record<string, string>>

/** Made by `partitioned()`. */
export interface Partitioned {
  readonly [DATA]: true
}

/** What a handler returns for a record: data, or nothing to leave it as it is; `partitioned()`, `drop()`, `fail()`. */
export type FirehoseReturn = Nothing | undefined | FirehoseData | Partitioned | Drop | Fail

/** What Firehose reads of a record: with `data`, or `kafkaRecordValue` in a stream that is fed by Amazon MSK. */
export interface FirehoseResultRecord extends FirehoseTransformationResultRecord {
  /** Base64. */
  kafkaRecordValue?: string
}

export interface FirehoseResponse extends FirehoseTransformationResult {
  records: FirehoseResultRecord[]
}

/** What becomes of one record. `data` is base64 text; without it the record keeps what it came with. */
export interface Answer {
  readonly [ANSWER]: FirehoseTransformationResultRecord['result']
  readonly data: string | undefined
  readonly partitionKeys: PartitionKeys | undefined
  /** @throws {TypeError} read from JSON again it would be data */
  toJSON(): never
}

function answer(result: Answer[typeof ANSWER], data?: string, partitionKeys?: PartitionKeys): Answer {
  return { [ANSWER]: result, data, partitionKeys, toJSON }
}

function toJSON(): never {
  throw new TypeError('the result of a Firehose record cannot be stored as JSON')
}

/** A record that could not be transformed. */
export const FAILED: Answer = answer('ProcessingFailed')

const DROPPED: Answer = answer('Dropped')

/**
 * Data for dynamic partitioning: what a handler returns for a record that goes to the prefix that its keys name, as in
 * `!{partitionKeyFromLambda:customer}`. Without data the record stays as it is.
 *
 * ```ts
 * firehose().each().use(parse(json(Order))).handle(({ body }) => partitioned(body, { customer: body.customerId }))
 * ```
 *
 * @throws {TypeError} for data that is no text, bytes or object, and for a key whose value is no text, or is empty
 * @see https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html
 */
export function partitioned(data: Nothing | undefined | FirehoseData, partitionKeys: PartitionKeys): Partitioned {
  for (const [name, value] of Object.entries(partitionKeys)) {
    if (typeof value !== 'string' || value === '')
      throw new TypeError(`the partition key ${name} has ${value === '' ? 'an empty text' : typeof value} as its value`)
  }
  return answer('Ok', encode(data), partitionKeys) as unknown as Partitioned
}

/**
 * The answer for what a handler returned.
 * @throws what `fail()` stands for, and what it returned, if that is an Error
 * @throws {TypeError} for anything that is no data
 */
export function answerOf(value: unknown): Answer {
  if (typeof value === 'object' && value !== null && ANSWER in value) return value as Answer
  if (isOwnDrop(raise(value))) return DROPPED
  if (value instanceof Error) throw value
  return answer('Ok', encode(value))
}

function encode(data: unknown): string | undefined {
  if (data === undefined || data === null) return undefined
  if (typeof data === 'string') return Buffer.from(data).toString('base64')
  if (data instanceof Uint8Array) return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
  const binary = ArrayBuffer.isView(data) || data instanceof ArrayBuffer // JSON would make {} of them
  const json = typeof data === 'object' && !binary ? JSON.stringify(data) : undefined
  if (json === undefined || (json === '{}' && !isPlain(data)))
    throw new TypeError(
      `the handler returned ${binary ? 'a buffer' : typeof data}: return text, a Uint8Array or an object that JSON can carry`,
    )
  return Buffer.from(`${json}\n`).toString('base64')
}

/** A Map, a Set, a Blob and the like are `{}` in JSON: their contents would be lost in silence. */
function isPlain(data: unknown): boolean {
  const prototype: unknown = Object.getPrototypeOf(data)
  return (
    prototype === null || prototype === Object.prototype || typeof (data as { toJSON?: unknown }).toJSON === 'function'
  )
}

/** Lambda refuses a larger response of a synchronous invocation, and Firehose then has none for the whole batch. */
export const MAX_RESPONSE_BYTES: number = 6 * 1024 * 1024

const FAILURE_BYTES = 'ProcessingFailed'.length - 'Ok'.length

/** What `response()` needs of a record. */
export interface Answered {
  readonly recordId: string
  /** Base64, as it came. */
  readonly encoded: string
  readonly field: 'data' | 'kafkaRecordValue'
}

/**
 * The response, and the indices of the records for whose data it had no place: these are ProcessingFailed. A record
 * that failed carries the data that it came with where place is left for it.
 */
export function response(
  records: readonly Answered[],
  answers: readonly Answer[],
): { readonly response: FirehoseResponse; readonly oversize: readonly number[] } {
  const results = answers.map(({ [ANSWER]: result, partitionKeys }, index): FirehoseResultRecord => {
    const { recordId } = records[index] as Answered
    return partitionKeys
      ? { recordId, result, metadata: { partitionKeys: { ...partitionKeys } } }
      : { recordId, result }
  })
  const oversize: number[] = []
  let left = MAX_RESPONSE_BYTES - Buffer.byteLength(JSON.stringify({ records: results }))
  for (const { result } of results) if (result === 'Ok') left -= FAILURE_BYTES // each may yet fail

  function put(result: FirehoseResultRecord, { encoded, field }: Answered, data: string = encoded): boolean {
    const bytes = data.length + field.length + ',"":""'.length
    if (bytes > left) return false
    result[field] = data
    left -= bytes
    return true
  }
  // First what was transformed; then, in what is left, what was not.
  for (const [index, result] of results.entries()) {
    if (result.result !== 'Ok' || put(result, records[index] as Answered, answers[index]?.data)) continue
    result.result = 'ProcessingFailed'
    delete result.metadata // its bytes stay counted: too much is no harm
    oversize.push(index)
  }
  for (const [index, result] of results.entries())
    if (result.result === 'ProcessingFailed') put(result, records[index] as Answered)
  return { response: { records: results }, oversize }
}
