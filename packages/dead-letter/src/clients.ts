// The clients of AWS that are called: those that are given, checked at the definition of the handler, or the small ones.
import { EventBridge } from '@lambent/aws/eventbridge'
import { S3 } from '@lambent/aws/s3'
import { SNS } from '@lambent/aws/sns'
import { SQS } from '@lambent/aws/sqs'
import type { LargeMessagesClient } from './large-messages.ts'
import type { EventBridgePort, S3PutPort, SnsPort, SqsPort } from './port.ts'

/** The queue may be in another region: it is in the URL. */
export function sqsClient(client: SqsPort | undefined, url: string): SqsPort {
  const region = /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\./.exec(url)?.[1]
  return having(client ?? new SQS({ region }), ['sendMessageBatch'], 'sqsQueue')
}

export function snsClient(client: SnsPort | undefined, arn: string): SnsPort {
  return having(client ?? new SNS({ region: regionOf(arn) }), ['publishBatch'], 'snsTopic')
}

export function eventBridgeClient(client: EventBridgePort | undefined, bus: string): EventBridgePort {
  return having(client ?? new EventBridge({ region: regionOf(bus) }), ['putEvents'], 'eventBus')
}

export function s3PutClient(client: S3PutPort | undefined, what: string): S3PutPort {
  return having(client ?? new S3(), ['putObject'], what)
}

export function s3PayloadClient(client: LargeMessagesClient | undefined): LargeMessagesClient {
  return having(client ?? new S3(), ['getObject', 'deleteObject'], 'largeMessages')
}

function regionOf(arn: string): string | undefined {
  return arn.startsWith('arn:') ? arn.split(':')[3] : undefined
}

/** @throws {TypeError} for a client without a method that is called */
function having<Client extends object>(
  client: Client,
  methods: readonly (keyof Client & string)[],
  what: string,
): Client {
  for (const method of methods)
    if (typeof (client as Record<string, unknown> | undefined)?.[method] !== 'function')
      throw new TypeError(`${what}({ client }) takes a client with ${method}(), of @lambent/aws or of the AWS SDK`)
  return client
}
