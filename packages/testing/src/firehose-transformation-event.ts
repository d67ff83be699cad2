// Amazon Data Firehose: a batch of records to transform.
import type { FirehoseTransformationEvent, FirehoseTransformationEventRecord } from 'aws-lambda'
import { asBase64, type Base64Body, encodedField } from './body.ts'
import { type EventOptions, epochMillis, type RecordOptions } from './clock.ts'
import { account, region, regionOf, sequenceNumber, uuid, withoutIds } from './ids.ts'
import { merge, type Overrides } from './merge.ts'

/** What may be laid over a Firehose record. */
export type FirehoseRecordOverrides = Omit<Overrides<FirehoseTransformationEventRecord>, 'data'> & {
  /** Base64 text as it is, bytes encoded, anything else its JSON encoded. */
  readonly data?: Base64Body | undefined
}

/**
 * One record to transform, as Lambda hands it over.
 *
 * Defaults: put directly (no `kinesisRecordMetadata`), data `{"orderId":"o-1"}`.
 *
 * @throws TypeError for data that JSON cannot carry.
 * @see https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
 */
export function firehoseTransformationRecord(
  overrides: FirehoseRecordOverrides = {},
  options: RecordOptions = {},
): FirehoseTransformationEventRecord {
  const { data: _data, ...rest } = overrides
  const record: FirehoseTransformationEventRecord = {
    recordId: firehoseIds(options.index ?? 0).recordId,
    approximateArrivalTimestamp: epochMillis(options),
    data: asBase64({ orderId: 'o-1' }, 'data'),
  }
  return merge(record, { ...rest, ...encodedField(overrides, 'data', asBase64) })
}

/**
 * A batch of records to transform, of one record by default, and what to lay over the rest of the event. Ids that were
 * not given are numbered by the place in the batch, also those of records made with
 * {@link firehoseTransformationRecord}.
 *
 * Defaults: delivery stream `orders` in eu-west-1, which is not fed by a Kinesis stream.
 *
 * @throws TypeError for data that JSON cannot carry.
 * @see https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
 */
export function firehoseTransformationEvent(
  records: readonly FirehoseRecordOverrides[] = [{}],
  overrides: Omit<Overrides<FirehoseTransformationEvent>, 'records'> = {},
  options: EventOptions = {},
): FirehoseTransformationEvent {
  const arn = overrides.deliveryStreamArn ?? `arn:aws:firehose:${region}:${account}:deliverystream/orders`
  const event: FirehoseTransformationEvent = {
    invocationId: uuid('firehose', 0),
    deliveryStreamArn: arn,
    region: regionOf(arn),
    records: records.map((record, index) =>
      firehoseTransformationRecord(withoutIds(record, firehoseIds(0)), { ...options, index }),
    ),
  }
  return merge(event, overrides)
}

function firehoseIds(index: number): { recordId: string } {
  return { recordId: `${sequenceNumber('49546986683135544286507457936321625675700192471156785154', index)}000000` }
}
