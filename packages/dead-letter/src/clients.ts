// The clients of AWS that are called: those that are given, checked at the definition of the handler.
import type { LargeMessagesClient } from './large-messages.ts'
import type { EventBridgePort, S3PutPort, SnsPort, SqsPort } from './port.ts'

export function sqsClient(client: SqsPort | undefined): SqsPort {
  return having(client, ['sendMessageBatch'], 'sqsQueue({ client: new SQS({}) })')
}

export function snsClient(client: SnsPort | undefined): SnsPort {
  return having(client, ['publishBatch'], 'snsTopic({ client: new SNS({}) })')
}

export function eventBridgeClient(client: EventBridgePort | undefined): EventBridgePort {
  return having(client, ['putEvents'], 'eventBus({ client: new EventBridge({}) })')
}

export function s3PutClient(client: S3PutPort | undefined, what: string): S3PutPort {
  return having(client, ['putObject'], `${what}({ client: new S3({}) })`)
}

export function s3PayloadClient(client: LargeMessagesClient | undefined): LargeMessagesClient {
  return having(client, ['getObject', 'deleteObject'], 'largeMessages({ client: new S3({}) })')
}

/** @throws {TypeError} for a client without a method that is called */
function having<Client extends object>(
  client: Client | undefined,
  methods: readonly (keyof Client & string)[],
  example: string,
): Client {
  for (const method of methods)
    if (typeof (client as Record<string, unknown> | undefined)?.[method] !== 'function')
      throw new TypeError(`a client with ${method}() is needed, such as the AWS SDK's: ${example}`)
  return client as Client
}
