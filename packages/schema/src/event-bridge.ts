// `eventBridge(inner)`: an EventBridge event in the body of an SQS message.
import { type Codec, codecOf, type OutputOf, type Schema } from './codec.ts'
import { objectOf, otherwise } from './envelope.ts'

/**
 * The event as JSON text, as a queue that is the target of a rule gets it, or as an object. `inner` decodes its `detail`,
 * which is already parsed: mostly it is a schema. A target with an input transformer or input path gets another shape.
 *
 * @throws {ParseError} `EmptyBody`, `MalformedJson`, `MalformedEnvelope` when it is no event: 400; those of `inner`
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 */
export function eventBridge<Inner extends Codec | Schema>(inner: Inner): Codec<OutputOf<Inner>> {
  const codec = codecOf(inner as Codec<OutputOf<Inner>> | Schema<OutputOf<Inner>>)
  return {
    decode(raw, where) {
      const event = objectOf(raw, where, 'an EventBridge event')
      if (typeof event.source !== 'string' || typeof event['detail-type'] !== 'string' || event.detail === undefined)
        throw otherwise(where, 'an EventBridge event', 'it lacks source, detail-type or detail')
      return codec.decode(event.detail, { name: `${where.name}.detail` })
    },
  }
}
