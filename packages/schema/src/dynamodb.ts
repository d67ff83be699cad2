// `dynamoDb(inner)`: an item of DynamoDB, or an image of it in a stream record, as plain values.
import { type AttributeValue, unmarshall } from '@lambent/core/dynamodb'
import { type Codec, insideOf, type OutputOf, type Schema, type Where } from './codec.ts'
import { isObject, type Loose } from './envelope.ts'
import { ParseError } from './parse-error.ts'
import { clean } from './pollution.ts'
import { notThat } from './raw.ts'

export interface DynamoDbOptions {
  /** Which image of a stream record. @default 'NewImage', or the 'OldImage' of a REMOVE where the stream has both */
  readonly image?: 'NewImage' | 'OldImage' | 'Keys' | undefined
  /**
   * `exact`: a number where that is exact, a bigint for other integers, the digits as text for other fractions. `string`:
   * always the digits as text.
   * @default 'exact'
   */
  readonly numbers?: 'exact' | 'string' | undefined
}

/**
 * A map of attribute values, the `dynamodb` member of a stream record, or the whole record; in the latter two the image
 * that the options name. Inside of `json()` it reads what EventBridge Pipes put into a queue: `json(dynamoDb(Order))`.
 *
 * @throws {ParseError} `MissingImage` when the record has no such image, `MalformedAttributeValue`: 400; `SchemaMismatch`: 422
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html
 */
export function dynamoDb<Inner extends Codec | Schema>(
  inner: Inner,
  { image, numbers = 'exact' }: DynamoDbOptions = {},
): Codec<OutputOf<Inner>> {
  const decode = insideOf(inner)
  return {
    decode(raw, where) {
      if (!isObject(raw)) throw notThat('a DynamoDB item or stream record', raw, where)
      const place = streamRecordOf(raw)
      if (!place) return decode(plain(raw, { numbers }, where), where) as OutputOf<Inner>
      const which = image ?? lastImage(place)
      const inside = { name: `${where.name}.${which}` }
      return decode(plain(imageOf(place, which, where), { numbers }, inside), inside) as OutputOf<Inner>
    },
  }
}

// An attribute is always an object, so that none can be taken for these texts.
function streamRecordOf(raw: Loose): Loose | undefined {
  if (typeof raw.SequenceNumber === 'string' || typeof raw.StreamViewType === 'string') return raw
  return typeof raw.eventName === 'string' && isObject(raw.dynamodb) ? raw.dynamodb : undefined
}

/** The item as the change left it, or as it was before it went. */
function lastImage({ NewImage, StreamViewType }: Loose): 'NewImage' | 'OldImage' {
  return NewImage === undefined && StreamViewType === 'NEW_AND_OLD_IMAGES' ? 'OldImage' : 'NewImage'
}

function imageOf(record: Loose, image: string, { name }: Where): Loose {
  const found = record[image]
  if (isObject(found)) return found
  throw new ParseError(
    'MissingImage',
    name,
    `the stream record has no ${image}: an INSERT has no OldImage, a REMOVE no NewImage, and the stream's view type ` +
      'decides which of them it keeps',
  )
}

function plain(image: Loose, options: Pick<DynamoDbOptions, 'numbers'>, { name }: Where): object {
  try {
    return clean(unmarshall(image as Record<string, AttributeValue>, options))
  } catch (cause) {
    // Its message has the path of the attribute, not the value.
    throw new ParseError('MalformedAttributeValue', name, (cause as Error).message, { cause })
  }
}
