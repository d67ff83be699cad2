// The methods of AWS that are called here, in the shape of the AWS SDK v3's aggregated clients: `new SQS({})` fits, and
// so does what @lambent/aws has.
import type { WireAttribute } from './attributes.ts'

export interface CallOptions {
  readonly abortSignal?: AbortSignal
}

/** An entry of a batch that was not taken. */
export interface FailedEntry {
  readonly Id?: string | undefined
  readonly Code?: string | undefined
  readonly Message?: string | undefined
  /** Whether the same entry would fail again. */
  readonly SenderFault?: boolean | undefined
}

interface BatchAnswer {
  readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined
  readonly Failed?: readonly FailedEntry[] | undefined
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
export interface SqsPort {
  sendMessageBatch(
    input: {
      QueueUrl: string
      Entries: {
        Id: string
        MessageBody: string
        MessageAttributes?: Record<string, WireAttribute>
        MessageSystemAttributes?: { AWSTraceHeader?: WireAttribute }
        MessageGroupId?: string
        MessageDeduplicationId?: string
      }[]
    },
    options?: CallOptions,
  ): Promise<BatchAnswer>
}

/** https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html */
export interface SnsPort {
  publishBatch(
    input: {
      TopicArn: string
      PublishBatchRequestEntries: {
        Id: string
        Message: string
        MessageAttributes?: Record<string, WireAttribute>
        MessageGroupId?: string
        MessageDeduplicationId?: string
      }[]
    },
    options?: CallOptions,
  ): Promise<BatchAnswer>
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export interface EventBridgePort {
  putEvents(
    input: {
      Entries: {
        EventBusName: string
        Source: string
        DetailType: string
        Detail: string
        Resources?: string[]
        TraceHeader?: string
      }[]
    },
    options?: CallOptions,
  ): Promise<{
    readonly Entries?:
      | readonly {
          readonly EventId?: string | undefined
          readonly ErrorCode?: string | undefined
          readonly ErrorMessage?: string | undefined
        }[]
      | undefined
  }>
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export interface S3PutPort {
  putObject(
    input: { Bucket: string; Key: string; Body: string; ContentType: string },
    options?: CallOptions,
  ): Promise<unknown>
}
