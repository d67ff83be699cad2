// `sns(inner)`: an SNS notification in the body of an SQS message, or an SNS record.
import { type Codec, codecOf } from './codec.ts'
import { isObject, objectOf, otherwise } from './envelope.ts'

/**
 * The notification as JSON text, as a queue gets it; or as an object, by itself or as `Sns` of an SNS record. `inner`
 * decodes its `Message`. A subscription with raw message delivery sends the message alone: leave `sns()` out there.
 *
 * @throws {ParseError} `EmptyBody`, `MalformedJson`, `MalformedEnvelope` when it is no notification: 400; those of `inner`
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export function sns<Output>(inner: Codec<Output>): Codec<Output> {
  const codec = codecOf(inner)
  return {
    decode(raw, where) {
      const outer = objectOf(raw, where, 'an SNS notification')
      const { Type: type, Message: message } = isObject(outer.Sns) ? outer.Sns : outer
      if (type !== undefined && type !== 'Notification')
        throw otherwise(where, 'an SNS notification', 'its Type is another')
      if (typeof message !== 'string')
        throw otherwise(where, 'an SNS notification', 'there is no Message; with raw message delivery, leave sns() out')
      return codec.decode(message, { name: `${where.name}.Message` })
    },
  }
}
