// Inputs and outputs of SNS, as in its API reference: named and shaped as the AWS SDK v3 does.
import type { MetadataBearer } from '../client/metadata.ts'

export interface PublishInput {
  TopicArn?: string | undefined
  TargetArn?: string | undefined
  PhoneNumber?: string | undefined
  Message: string
  Subject?: string | undefined
  MessageStructure?: string | undefined
  MessageAttributes?: Record<string, MessageAttributeValue> | undefined
  MessageDeduplicationId?: string | undefined
  MessageGroupId?: string | undefined
}

export interface PublishOutput extends MetadataBearer {
  MessageId?: string | undefined
  SequenceNumber?: string | undefined
}

export interface PublishBatchInput {
  TopicArn: string
  PublishBatchRequestEntries: PublishBatchRequestEntry[]
}

export interface PublishBatchOutput extends MetadataBearer {
  Successful?: PublishBatchResultEntry[] | undefined
  Failed?: BatchResultErrorEntry[] | undefined
}

export interface MessageAttributeValue {
  DataType: string | undefined
  StringValue?: string | undefined
  BinaryValue?: Uint8Array | undefined
}

export interface PublishBatchRequestEntry {
  Id: string | undefined
  Message: string | undefined
  Subject?: string | undefined
  MessageStructure?: string | undefined
  MessageAttributes?: Record<string, MessageAttributeValue> | undefined
  MessageDeduplicationId?: string | undefined
  MessageGroupId?: string | undefined
}

export interface PublishBatchResultEntry {
  Id?: string | undefined
  MessageId?: string | undefined
  SequenceNumber?: string | undefined
}

export interface BatchResultErrorEntry {
  Id: string | undefined
  Code: string | undefined
  Message?: string | undefined
  SenderFault: boolean | undefined
}
