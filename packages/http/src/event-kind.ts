// What an event is that should have been another one, for an error message: its kind, never its contents.
import { object, text } from './loose.ts'

const NAME = /^[\w:.-]{1,60}$/

/** Such as `an event of aws:sqs`, `a Lambda authorizer request`, `an object with the keys key1, key2`, `null`. */
export function eventKind(event: unknown): string {
  const fields = object(event)
  if (!fields)
    return event === null || event === undefined
      ? `${event}`
      : `a${Array.isArray(event) ? 'n array' : ` ${typeof event}`}`
  const { Records, eventSource, source, Service, Event, requestContext, type } = fields
  const record = object(Array.isArray(Records) ? Records[0] : undefined)
  const name = text(record?.eventSource ?? record?.EventSource ?? eventSource)
  if (name && NAME.test(name)) return `an event of ${name}`
  if (Service === 'Amazon S3' && Event === 's3:TestEvent')
    return 's3:TestEvent, which S3 sends when notifications are set up'
  if (text(source) && text(fields['detail-type']))
    return `an EventBridge event${NAME.test(`${source}`) ? ` of ${source}` : ''}`
  if (object(requestContext)?.connectionId) return 'an event of an API Gateway WebSocket API'
  if ((type === 'REQUEST' || type === 'TOKEN') && (fields.methodArn || fields.routeArn))
    return 'a Lambda authorizer request'
  const keys = Object.keys(fields)
  if (keys.length === 0) return 'an empty object'
  const shown = keys.slice(0, 5).map(key => (key.length > 40 ? `${key.slice(0, 40)}…` : key))
  return `an object with the keys ${shown.join(', ')}${keys.length > 5 ? ', …' : ''}`
}
