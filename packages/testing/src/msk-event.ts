// Amazon MSK: a batch of Kafka records, by topic and partition.
import type { MSKEvent, MSKRecord } from 'aws-lambda'
import { asBase64, type Base64Body, encodedField } from './body.ts'
import { type EventOptions, epochMillis, type RecordOptions } from './clock.ts'
import { account, region, regionOf } from './ids.ts'
import { merge, type Overrides } from './merge.ts'

/** What may be laid over a Kafka record. */
export type MskRecordOverrides = Omit<Overrides<MSKRecord>, 'key' | 'value'> & {
  /** Base64 text as it is, bytes encoded, anything else its JSON encoded. */
  readonly key?: Base64Body | undefined
  /** Base64 text as it is, bytes encoded, anything else its JSON encoded. */
  readonly value?: Base64Body | undefined
}

/**
 * One Kafka record, as Lambda hands it over. The offset is the index, unless given.
 *
 * Defaults: topic `orders`, partition 0, key `o-1`, value `{"orderId":"o-1"}`, no headers.
 *
 * @throws TypeError for a key or value that JSON cannot carry.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 */
export function mskRecord(overrides: MskRecordOverrides = {}, options: RecordOptions = {}): MSKRecord {
  const { key: _key, value: _value, ...rest } = overrides
  const record: MSKRecord = {
    topic: 'orders',
    partition: 0,
    offset: options.index ?? 0,
    timestamp: epochMillis(options),
    timestampType: 'CREATE_TIME',
    key: Buffer.from('o-1').toString('base64'),
    value: asBase64({ orderId: 'o-1' }, 'value'),
    headers: [],
  }
  return merge(record, {
    ...rest,
    ...encodedField(overrides, 'key', asBase64),
    ...encodedField(overrides, 'value', asBase64),
  })
}

/**
 * A batch of Kafka records, of one record by default, and what to lay over the rest of the event. The records are put
 * under `topic-partition`; offsets that were not given (or are 0) ascend within each partition.
 *
 * Defaults: cluster `orders` in eu-west-1, two brokers.
 *
 * @throws TypeError for a key or value that JSON cannot carry.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 */
export function mskEvent(
  records: readonly MskRecordOverrides[] = [{}],
  overrides: Omit<Overrides<MSKEvent>, 'records'> = {},
  options: EventOptions = {},
): MSKEvent {
  const arn =
    overrides.eventSourceArn ??
    `arn:aws:kafka:${region}:${account}:cluster/orders/e9f754c6-d29a-4430-a7db-958a19fd2c54-4`
  const byPartition: Record<string, MSKRecord[]> = {}
  for (const given of records) {
    const name = `${given.topic ?? 'orders'}-${given.partition ?? 0}`
    const partition = byPartition[name] ?? []
    byPartition[name] = partition
    const next = (partition.at(-1)?.offset ?? -1) + 1
    partition.push(mskRecord(given.offset ? given : { ...given, offset: next }, options))
  }
  const brokers = [1, 2].map(broker => `b-${broker}.orders.a1bcde.c1.kafka.${regionOf(arn)}.amazonaws.com:9092`)
  const event: MSKEvent = {
    eventSource: 'aws:kafka',
    eventSourceArn: arn,
    bootstrapServers: brokers.join(','),
    records: byPartition,
  }
  return merge(event, overrides)
}
