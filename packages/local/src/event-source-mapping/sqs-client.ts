// What an event source mapping calls of SQS: a port in the shape of the aggregated client of the AWS SDK v3, so that
// `new SQS({ … })` of @aws-sdk/client-sqs fits as it is.

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_MessageAttributeValue.html */
export interface SqsMessageAttributeValue {
  readonly DataType?: string | undefined
  readonly StringValue?: string | undefined
  readonly BinaryValue?: Uint8Array | undefined
  readonly StringListValues?: readonly string[] | undefined
  readonly BinaryListValues?: readonly Uint8Array[] | undefined
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Message.html */
export interface SqsMessage {
  readonly MessageId?: string | undefined
  readonly ReceiptHandle?: string | undefined
  readonly Body?: string | undefined
  readonly MD5OfBody?: string | undefined
  readonly MD5OfMessageAttributes?: string | undefined
  readonly Attributes?: Readonly<Record<string, string | undefined>> | undefined
  readonly MessageAttributes?: Readonly<Record<string, SqsMessageAttributeValue>> | undefined
}

export interface SqsRequestOptions {
  /** Ends a request that has no answer. */
  readonly abortSignal: AbortSignal
}

/** The three methods that an event source mapping calls. */
export interface SqsClient {
  getQueueAttributes(
    input: { QueueUrl: string; AttributeNames: 'All'[] },
    options: SqsRequestOptions,
  ): Promise<{ readonly Attributes?: Readonly<Record<string, string | undefined>> | undefined }>
  receiveMessage(
    input: {
      QueueUrl: string
      MaxNumberOfMessages: number
      WaitTimeSeconds: number
      MessageSystemAttributeNames: 'All'[]
      MessageAttributeNames: string[]
    },
    options: SqsRequestOptions,
  ): Promise<{ readonly Messages?: readonly SqsMessage[] | undefined }>
  deleteMessageBatch(
    input: { QueueUrl: string; Entries: { Id: string; ReceiptHandle: string }[] },
    options: SqsRequestOptions,
  ): Promise<{
    readonly Failed?:
      | readonly {
          readonly Id?: string | undefined
          readonly Code?: string | undefined
          readonly Message?: string | undefined
          readonly SenderFault?: boolean | undefined
        }[]
      | undefined
  }>
}
