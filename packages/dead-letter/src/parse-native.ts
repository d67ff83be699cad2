// The formats of AWS: redrive policies, dead-letter queues and destinations of functions, rules of EventBridge.
import type { MessageAttributes } from './attributes.ts'
import type { Carried } from './carrier.ts'
import { count, defined, type Loose, millis, object, text } from './json.ts'
import { FORMAT } from './letter.ts'
import { letterBefore } from './parse-lambent.ts'
import type {
  EventBridgeRule,
  LambdaAsyncDlq,
  LambdaDestination,
  ParsedError,
  ParsedOrigin,
  SqsRedrive,
  StreamDestination,
} from './parsed.ts'

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
export function parseEventBridgeRule(carried: Carried): EventBridgeRule | undefined {
  const { body, attributes, system, messageId, json } = carried
  const of = (name: string) => text(attributes[name]?.stringValue)
  const ruleArn = of('RULE_ARN')
  const scheduleArn = of('SCHEDULE_ARN')
  if ((!ruleArn && !scheduleArn) || !of('ERROR_CODE')) return undefined
  const retries = count(of('RETRY_ATTEMPTS'))
  return defined({
    format: 'eventbridge-rule' as const,
    body,
    attributes: without(attributes, EVENTBRIDGE),
    messageId,
    error: defined({ name: of('ERROR_CODE'), code: of('ERROR_CODE'), message: of('ERROR_MESSAGE') }),
    origin: defined({
      source: scheduleArn ? 'aws:scheduler' : 'aws:events',
      sourceArn: ruleArn ?? scheduleArn,
      id: text(json?.id) ?? of('EXECUTION_ID'),
      groupId: text(system.MessageGroupId),
    }),
    receiveCount: retries === undefined ? undefined : retries + 1,
    firstAt: millis(text(json?.time)) ?? millis(of('SCHEDULED_TIME')),
    lastAt: millis(system.SentTimestamp),
    ruleArn,
    scheduleArn,
    targetArn: of('TARGET_ARN'),
    exhaustedRetryCondition: of('EXHAUSTED_RETRY_CONDITION'),
  }) as EventBridgeRule
}

const EVENTBRIDGE = [
  'RULE_ARN',
  'TARGET_ARN',
  'ERROR_CODE',
  'ERROR_MESSAGE',
  'EXHAUSTED_RETRY_CONDITION',
  'RETRY_ATTEMPTS',
  'SCHEDULE_ARN',
  'EXECUTION_ID',
  'IS_PAYLOAD_TRUNCATED',
  'SCHEDULED_TIME',
]

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
export function parseLambdaAsyncDlq(carried: Carried): LambdaAsyncDlq | undefined {
  const { body, attributes, system, messageId, json } = carried
  const of = (name: string) => text(attributes[name]?.stringValue)
  const requestId = of('RequestID')
  if (!requestId || !of('ErrorCode')) return undefined
  return defined({
    format: 'lambda-async-dlq' as const,
    body,
    attributes: without(attributes, ['RequestID', 'ErrorCode', 'ErrorMessage']),
    messageId,
    error: defined({ code: of('ErrorCode'), message: of('ErrorMessage') }),
    origin: defined({ ...eventOrigin(json), id: requestId }),
    lastAt: millis(system.SentTimestamp),
    requestId,
  }) as LambdaAsyncDlq
}

/**
 * The record that a destination gets, of an asynchronous invocation or of a stream; also as the detail of an event.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export function parseDestination(carried: Carried): LambdaDestination | StreamDestination | undefined {
  const { json, attributes, messageId, body } = carried
  const record = json?.['detail-type'] !== undefined ? object(json.detail) : json
  const context = object(record?.requestContext)
  const requestId = text(context?.requestId)
  const condition = text(context?.condition)
  if (!record || !context || !requestId || !condition) return undefined
  const response = object(record.responseContext)
  const functionArn = text(context.functionArn)
  const lastAt = millis(text(record.timestamp))
  const receiveCount = count(context.approximateInvokeCount)
  const error = defined({
    ...functionErrorOf(record.responsePayload),
    code: text(response?.functionError) ?? condition,
  })
  const common = { attributes, messageId, error, receiveCount, lastAt, requestId, condition }

  const ddb = object(record.DDBStreamBatchInfo)
  const info = ddb ?? object(record.KinesisBatchInfo)
  if (!info) {
    if (!('requestPayload' in record)) return undefined
    return defined({
      format: 'lambda-destination' as const,
      body: JSON.stringify(record.requestPayload),
      ...common,
      origin: defined({ ...eventOrigin(object(record.requestPayload)), functionArn, id: requestId }),
    }) as LambdaDestination
  }
  const shardId = text(info.shardId)
  const startSequenceNumber = text(info.startSequenceNumber)
  const endSequenceNumber = text(info.endSequenceNumber)
  if (!shardId || !startSequenceNumber || !endSequenceNumber) return undefined
  const streamArn = text(info.streamArn)
  return defined({
    format: 'stream-destination' as const,
    // S3 as a destination has the event too.
    body: typeof record.payload === 'string' ? record.payload : body,
    ...common,
    origin: defined({
      source: ddb ? 'aws:dynamodb' : 'aws:kinesis',
      sourceArn: streamArn,
      functionArn,
      id: startSequenceNumber,
    }),
    firstAt: millis(text(info.approximateArrivalOfFirstRecord)),
    pointer: defined({ streamArn, shardId, startSequenceNumber, endSequenceNumber, batchSize: count(info.batchSize) }),
  }) as StreamDestination
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html */
export function parseSqsRedrive(carried: Carried): SqsRedrive | undefined {
  const { body, attributes, system, messageId } = carried
  const sourceQueueArn = text(system.DeadLetterQueueSourceArn)
  if (!sourceQueueArn) return undefined
  const { [FORMAT]: own, ...others } = attributes
  return defined({
    format: 'sqs-redrive' as const,
    body,
    attributes: others,
    messageId,
    origin: defined({
      source: 'aws:sqs',
      sourceArn: sourceQueueArn,
      id: messageId,
      groupId: text(system.MessageGroupId),
    }),
    receiveCount: count(system.ApproximateReceiveCount),
    firstAt: millis(system.SentTimestamp) ?? millis(system.ApproximateFirstReceiveTimestamp),
    sourceQueueArn,
    earlier: own && letterBefore(attributes),
  }) as SqsRedrive
}

function without(attributes: MessageAttributes, names: readonly string[]): MessageAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)))
}

/** What Lambda answers for a function that threw. */
function functionErrorOf(payload: unknown): ParsedError {
  const { errorType, errorMessage, trace, stackTrace } = object(payload) ?? {}
  const lines = [trace, stackTrace].find(Array.isArray) as readonly unknown[] | undefined
  return defined({
    name: text(errorType),
    message: text(errorMessage),
    stack: lines && text(lines.filter(line => typeof line === 'string').join('\n')),
  }) as ParsedError
}

/** What an event says about where it came from. */
function eventOrigin(event: Loose | undefined): ParsedOrigin {
  if (!event) return {}
  const record = Array.isArray(event.Records) ? object(event.Records[0]) : undefined
  if (typeof event['detail-type'] === 'string')
    return defined({
      source: 'aws:events',
      sourceArn: Array.isArray(event.resources) ? text(event.resources[0]) : undefined,
    }) as ParsedOrigin
  return defined({
    source: text(record?.eventSource) ?? text(record?.EventSource),
    sourceArn:
      text(record?.eventSourceARN) ??
      text(object(record?.Sns)?.TopicArn) ??
      text(object(object(record?.s3)?.bucket)?.arn),
  }) as ParsedOrigin
}
