// Amazon Kinesis Data Streams: a batch of one shard's records.
import type { KinesisStreamEvent, KinesisStreamRecord, KinesisStreamRecordPayload } from 'aws-lambda'
import { asBase64, type Base64Body, encodedField } from './body.ts'
import { type EventOptions, epochMillis, type RecordOptions } from './clock.ts'
import { account, region, regionOf, sequenceNumber, withoutIds } from './ids.ts'
import { merge, type Overrides } from './merge.ts'

/** What may be laid over a Kinesis record. */
export type KinesisRecordOverrides = Omit<Overrides<KinesisStreamRecord>, 'kinesis'> & {
  readonly kinesis?:
    | (Omit<Overrides<KinesisStreamRecordPayload>, 'data'> & {
        /** Base64 text as it is, bytes encoded, anything else its JSON encoded. */
        readonly data?: Base64Body | undefined
      })
    | undefined
}

/**
 * One Kinesis record, as Lambda hands it over. `eventID` holds its sequence number, which ascends with the index.
 *
 * Defaults: stream `orders` in eu-west-1, partition key `o-1`, data `{"orderId":"o-1"}`.
 *
 * @throws TypeError for data that JSON cannot carry.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export function kinesisRecord(
  overrides: KinesisRecordOverrides = {},
  options: RecordOptions = {},
): KinesisStreamRecord {
  const { kinesis: payload = {}, ...rest } = overrides
  const { data: _data, ...fields } = payload
  const data = encodedField(payload, 'data', asBase64)
  const arn = rest.eventSourceARN ?? `arn:aws:kinesis:${region}:${account}:stream/orders`
  const sequence = fields.sequenceNumber ?? kinesisIds(options.index ?? 0).kinesis.sequenceNumber
  const record: KinesisStreamRecord = {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: 'o-1',
      sequenceNumber: sequence,
      data: asBase64({ orderId: 'o-1' }, 'data'),
      approximateArrivalTimestamp: epochMillis(options) / 1000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: eventId(sequence),
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: `arn:aws:iam::${account}:role/lambda-role`,
    awsRegion: regionOf(arn),
    eventSourceARN: arn,
  }
  if ('kinesis' in overrides && overrides.kinesis === undefined) return merge(record, { ...rest, kinesis: undefined })
  return merge(record, { ...rest, kinesis: { ...fields, ...data } })
}

/**
 * A batch of Kinesis records, of one record by default. Sequence numbers that were not given are numbered by the place
 * in the batch, also those of records made with {@link kinesisRecord}.
 *
 * @throws TypeError for data that JSON cannot carry.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export function kinesisStreamEvent(
  records: readonly KinesisRecordOverrides[] = [{}],
  options: EventOptions = {},
): KinesisStreamEvent {
  return {
    Records: records.map((record, index) => kinesisRecord(withoutIds(record, kinesisIds(0)), { ...options, index })),
  }
}

function kinesisIds(index: number): { eventID: string; kinesis: { sequenceNumber: string } } {
  const sequence = sequenceNumber('49590338271490256608559692538361571095921575989136588898', index * 16)
  return { eventID: eventId(sequence), kinesis: { sequenceNumber: sequence } }
}

function eventId(sequence: string): string {
  return `shardId-000000000006:${sequence}`
}
