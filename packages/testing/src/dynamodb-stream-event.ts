// Amazon DynamoDB Streams: changes of a table's items.
import type { AttributeValue, DynamoDBRecord, DynamoDBStreamEvent, StreamRecord } from 'aws-lambda'
import { type EventOptions, epochMillis, type RecordOptions } from './clock.ts'
import { account, hexId, region, regionOf, sequenceNumber, withoutIds } from './ids.ts'
import { merge, type Overrides } from './merge.ts'

/** An item, or its key, in DynamoDB's own JSON: `{ orderId: { S: 'o-1' } }`. */
export interface DynamoDbImage {
  readonly [name: string]: AttributeValue
}

/** What may be laid over a DynamoDB record. */
export type DynamoDbRecordOverrides = Omit<Overrides<DynamoDBRecord>, 'dynamodb'> & {
  /** Keys and images replace the defaults whole: half of an attribute of one type and half of another is no attribute. */
  readonly dynamodb?:
    | (Omit<Overrides<StreamRecord>, Images> & { readonly [Name in Images]?: DynamoDbImage | undefined })
    | undefined
}

type Images = 'Keys' | 'NewImage' | 'OldImage'

/**
 * One change of an item, as Lambda hands it over, with the images which that kind of change and `StreamViewType` have:
 * `NewImage` for INSERT, both for MODIFY, `OldImage` for REMOVE.
 *
 * `Keys`, where only images are given, is the first attribute of the image; images, where only `Keys` are given, have
 * those and the default attributes. The sequence number ascends with the index.
 *
 * Defaults: INSERT of order `o-1` into the table `orders` in eu-west-1, `NEW_AND_OLD_IMAGES`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
 */
export function dynamoDbRecord(overrides: DynamoDbRecordOverrides = {}, options: RecordOptions = {}): DynamoDBRecord {
  const { dynamodb: stream = {}, ...rest } = overrides
  const { Keys: givenKeys, NewImage: givenNew, OldImage: givenOld, ...fields } = stream
  const ids = dynamoDbIds(options.index ?? 0)
  const millis = epochMillis(options)
  const eventName = rest.eventName ?? 'INSERT'
  const view = fields.StreamViewType ?? 'NEW_AND_OLD_IMAGES'
  const arn = rest.eventSourceARN ?? `arn:aws:dynamodb:${region}:${account}:table/orders/stream/2026-01-01T00:00:00.000`

  const keys = givenKeys ?? firstAttribute(givenNew ?? givenOld) ?? { orderId: { S: 'o-1' } }
  const hasNew = eventName !== 'REMOVE' && (view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES')
  const hasOld = eventName !== 'INSERT' && (view === 'OLD_IMAGE' || view === 'NEW_AND_OLD_IMAGES')
  const newImage = { ...keys, status: { S: 'paid' }, total: { N: '3998' } }
  const images = {
    Keys: keys,
    ...(hasNew ? { NewImage: givenNew ?? newImage } : {}),
    ...(hasOld ? { OldImage: givenOld ?? { ...newImage, status: { S: 'placed' } } } : {}),
    ...present(stream, 'Keys'),
    ...present(stream, 'NewImage'),
    ...present(stream, 'OldImage'),
  }
  const record: DynamoDBRecord = {
    eventID: ids.eventID,
    eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: regionOf(arn),
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(millis / 1000),
      SequenceNumber: ids.dynamodb.SequenceNumber,
      SizeBytes: Buffer.byteLength(JSON.stringify(images)),
      StreamViewType: view,
    },
    eventSourceARN: arn,
  }
  if ('dynamodb' in overrides && overrides.dynamodb === undefined)
    return merge(record, { ...rest, dynamodb: undefined })
  return merge(record, { ...rest, dynamodb: { ...fields, ...images } })
}

/**
 * A batch of DynamoDB changes, of one INSERT by default. Ids and sequence numbers that were not given are numbered by
 * the place in the batch, also those of records made with {@link dynamoDbRecord}.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 */
export function dynamoDbStreamEvent(
  records: readonly DynamoDbRecordOverrides[] = [{}],
  options: EventOptions = {},
): DynamoDBStreamEvent {
  return {
    Records: records.map((record, index) => dynamoDbRecord(withoutIds(record, dynamoDbIds(0)), { ...options, index })),
  }
}

function dynamoDbIds(index: number): { eventID: string; dynamodb: { SequenceNumber: string } } {
  return {
    eventID: hexId('dynamodb', index, 32),
    dynamodb: { SequenceNumber: sequenceNumber('4421584500000000017450439091', index * 1000) },
  }
}

function firstAttribute(image: DynamoDbImage | undefined): DynamoDbImage | undefined {
  const [first] = Object.entries(image ?? {})
  return first && Object.fromEntries([first])
}

// Also where it is undefined: then it is there to delete the default.
function present<Name extends Images>(
  stream: { readonly [Key in Images]?: DynamoDbImage | undefined },
  name: Name,
): { readonly [Key in Images]?: DynamoDbImage | undefined } {
  return name in stream ? { [name]: stream[name] } : {}
}
