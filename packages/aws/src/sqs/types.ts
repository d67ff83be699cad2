// Inputs and outputs of SQS, as in its API reference: named and shaped as the AWS SDK v3 does.
import type { MetadataBearer } from '../client/metadata.ts'

export interface SendMessageInput {
  QueueUrl: string
  MessageBody: string
  DelaySeconds?: number | undefined
  MessageAttributes?: Record<string, MessageAttributeValue> | undefined
  MessageSystemAttributes?: Partial<Record<MessageSystemAttributeNameForSends, MessageSystemAttributeValue>> | undefined
  MessageDeduplicationId?: string | undefined
  MessageGroupId?: string | undefined
}

export interface SendMessageOutput extends MetadataBearer {
  MD5OfMessageBody?: string | undefined
  MD5OfMessageAttributes?: string | undefined
  MD5OfMessageSystemAttributes?: string | undefined
  MessageId?: string | undefined
  SequenceNumber?: string | undefined
}

export interface SendMessageBatchInput {
  QueueUrl: string
  Entries: SendMessageBatchRequestEntry[]
}

export interface SendMessageBatchOutput extends MetadataBearer {
  Successful: SendMessageBatchResultEntry[] | undefined
  Failed: BatchResultErrorEntry[] | undefined
}

export interface ChangeMessageVisibilityInput {
  QueueUrl: string
  ReceiptHandle: string
  VisibilityTimeout: number
}

export interface ChangeMessageVisibilityOutput extends MetadataBearer {}

export interface ReceiveMessageInput {
  QueueUrl: string
  AttributeNames?: QueueAttributeName[] | undefined
  MessageSystemAttributeNames?: MessageSystemAttributeName[] | undefined
  MessageAttributeNames?: string[] | undefined
  MaxNumberOfMessages?: number | undefined
  VisibilityTimeout?: number | undefined
  WaitTimeSeconds?: number | undefined
  ReceiveRequestAttemptId?: string | undefined
}

export interface ReceiveMessageOutput extends MetadataBearer {
  Messages?: Message[] | undefined
}

export interface DeleteMessageInput {
  QueueUrl: string
  ReceiptHandle: string
}

export interface DeleteMessageOutput extends MetadataBearer {}

export interface DeleteMessageBatchInput {
  QueueUrl: string
  Entries: DeleteMessageBatchRequestEntry[]
}

export interface DeleteMessageBatchOutput extends MetadataBearer {
  Successful: DeleteMessageBatchResultEntry[] | undefined
  Failed: BatchResultErrorEntry[] | undefined
}

export interface StartMessageMoveTaskInput {
  SourceArn: string
  DestinationArn?: string | undefined
  MaxNumberOfMessagesPerSecond?: number | undefined
}

export interface StartMessageMoveTaskOutput extends MetadataBearer {
  TaskHandle?: string | undefined
}

export interface GetQueueAttributesInput {
  QueueUrl: string
  AttributeNames?: QueueAttributeName[] | undefined
}

export interface GetQueueAttributesOutput extends MetadataBearer {
  Attributes?: Partial<Record<QueueAttributeName, string>> | undefined
}

export interface GetQueueUrlInput {
  QueueName: string
  QueueOwnerAWSAccountId?: string | undefined
}

export interface GetQueueUrlOutput extends MetadataBearer {
  QueueUrl?: string | undefined
}

export interface MessageAttributeValue {
  StringValue?: string | undefined
  BinaryValue?: Uint8Array | undefined
  StringListValues?: string[] | undefined
  BinaryListValues?: Uint8Array[] | undefined
  DataType: string | undefined
}

export type MessageSystemAttributeNameForSends = 'AWSTraceHeader'

export interface MessageSystemAttributeValue {
  StringValue?: string | undefined
  BinaryValue?: Uint8Array | undefined
  StringListValues?: string[] | undefined
  BinaryListValues?: Uint8Array[] | undefined
  DataType: string | undefined
}

export interface SendMessageBatchRequestEntry {
  Id: string | undefined
  MessageBody: string | undefined
  DelaySeconds?: number | undefined
  MessageAttributes?: Record<string, MessageAttributeValue> | undefined
  MessageSystemAttributes?: Partial<Record<MessageSystemAttributeNameForSends, MessageSystemAttributeValue>> | undefined
  MessageDeduplicationId?: string | undefined
  MessageGroupId?: string | undefined
}

export interface SendMessageBatchResultEntry {
  Id: string | undefined
  MessageId: string | undefined
  MD5OfMessageBody: string | undefined
  MD5OfMessageAttributes?: string | undefined
  MD5OfMessageSystemAttributes?: string | undefined
  SequenceNumber?: string | undefined
}

export interface BatchResultErrorEntry {
  Id: string | undefined
  SenderFault: boolean | undefined
  Code: string | undefined
  Message?: string | undefined
}

export interface Message {
  MessageId?: string | undefined
  ReceiptHandle?: string | undefined
  MD5OfBody?: string | undefined
  Body?: string | undefined
  Attributes?: Partial<Record<MessageSystemAttributeName, string>> | undefined
  MD5OfMessageAttributes?: string | undefined
  MessageAttributes?: Record<string, MessageAttributeValue> | undefined
}

export type MessageSystemAttributeName =
  | 'AWSTraceHeader'
  | 'All'
  | 'ApproximateFirstReceiveTimestamp'
  | 'ApproximateReceiveCount'
  | 'DeadLetterQueueSourceArn'
  | 'MessageDeduplicationId'
  | 'MessageGroupId'
  | 'SenderId'
  | 'SentTimestamp'
  | 'SequenceNumber'

export type QueueAttributeName =
  | 'All'
  | 'ApproximateNumberOfMessages'
  | 'ApproximateNumberOfMessagesDelayed'
  | 'ApproximateNumberOfMessagesNotVisible'
  | 'ContentBasedDeduplication'
  | 'CreatedTimestamp'
  | 'DeduplicationScope'
  | 'DelaySeconds'
  | 'FifoQueue'
  | 'FifoThroughputLimit'
  | 'KmsDataKeyReusePeriodSeconds'
  | 'KmsMasterKeyId'
  | 'LastModifiedTimestamp'
  | 'MaximumMessageSize'
  | 'MessageRetentionPeriod'
  | 'Policy'
  | 'QueueArn'
  | 'ReceiveMessageWaitTimeSeconds'
  | 'RedriveAllowPolicy'
  | 'RedrivePolicy'
  | 'SqsManagedSseEnabled'
  | 'VisibilityTimeout'

export interface DeleteMessageBatchRequestEntry {
  Id: string | undefined
  ReceiptHandle: string | undefined
}

export interface DeleteMessageBatchResultEntry {
  Id: string | undefined
}
