// The sources that a project may have, and which parts go with each.

/** Middlewares that a project may have. */
export const PARTS = {
  parse: 'validates by a schema (zod)',
  idempotent: 'each effect once, on DynamoDB',
  retry: 'tries again what may pass, within the deadline',
  'dead-letter': 'failed units in a queue, with all that a person needs',
  secrets: 'a secret, fetched once and kept fresh',
  logger: 'ctx.log, by Powertools',
  metrics: 'ctx.metrics, by Powertools',
} as const

export type Part = keyof typeof PARTS

export interface Source {
  readonly title: string
  /** Function and entry that it is imported from. */
  readonly call: string
  readonly from: string
  readonly records: boolean
  /** What does not go with it. */
  readonly without: readonly Part[]
  /** What its handler takes from the context where nothing is parsed, and the line that it writes. */
  readonly takes: string
  readonly said: string
  /** The schema's codec, around the schema. */
  readonly codec: (schema: string) => string
  /** The key of idempotent(), where nothing is parsed. */
  readonly key: string
  /** The event for the test: an expression of @lambent/testing, with the payload. */
  readonly event: (payload: string) => { readonly name: string; readonly code: string }
  readonly answer: string
  /** What the handler returns, where it has to: an expression, with what it took. */
  readonly returns?: (took: string) => string
  /** Parameters, resources and the event of the template. No event: what invokes the function is among the resources. */
  readonly parameters?: string
  readonly resources: string
  readonly trigger?: string
  /** Where what fails for good goes, without a part for it: the queue's own policy, or a destination of Lambda's. */
  readonly failures?: 'redrive' | 'destination'
  /** Lambda invokes it asynchronously: the destination is the function's, and not the mapping's. */
  readonly async?: boolean
}

const RECORDS_DONE = '{ batchItemFailures: [] }'
const whole = (schema: string) => schema
const json = (schema: string) => `json(${schema})`

const STREAM_OPTIONS = `StartingPosition: LATEST
            FunctionResponseTypes: [ReportBatchItemFailures]
            BisectBatchOnFunctionError: true
            MaximumRetryAttempts: 10 # a poison record would block its shard otherwise
            DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt Dlq.Arn } } # a pointer to what was given up`

export type SourceName =
  | 'http'
  | 'sqs'
  | 'sns'
  | 's3'
  | 'dynamodb'
  | 'kinesis'
  | 'kafka'
  | 'firehose'
  | 'eventbridge'
  | 'schedule'

export const SOURCES: Readonly<Record<SourceName, Source>> = {
  http: {
    title: 'API Gateway, function URL or load balancer',
    call: 'http()',
    from: '@lambent/http',
    records: false,
    without: ['dead-letter'],
    takes: 'request',
    said: 'request.path',
    codec: json,
    key: '',
    event: payload => ({
      name: 'apiGatewayProxyEventV2',
      code: `apiGatewayProxyEventV2({
  method: 'POST',
  path: '/orders',
  headers: { 'content-type': 'application/json', 'idempotency-key': '"key-1"' },
  body: ${payload},
})`,
    }),
    answer: 'expect.objectContaining({ statusCode: 202 })',
    returns: () => '{ status: 202 }',
    resources: '',
    trigger: `Type: HttpApi
          Properties: { Method: POST, Path: /orders }`,
  },
  sqs: {
    title: 'SQS',
    call: 'sqs()',
    from: '@lambent/events/sqs',
    records: true,
    without: [],
    takes: 'message',
    said: 'message.body',
    codec: json,
    key: 'unit.id',
    event: payload => ({ name: 'sqsEvent', code: `sqsEvent([{ body: ${payload} }])` }),
    answer: RECORDS_DONE,
    resources: `
  Source:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60 # six times the function's timeout, as AWS advises
      SqsManagedSseEnabled: true
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dlq.Arn, maxReceiveCount: 6 } # more than \`after\` of deadLetter()`,
    trigger: `Type: SQS
          Properties:
            Queue: !GetAtt Source.Arn
            FunctionResponseTypes: [ReportBatchItemFailures] # without it the response is ignored, and failures are lost`,
    failures: 'redrive',
  },
  sns: {
    title: 'SNS',
    call: 'sns()',
    from: '@lambent/events/sns',
    records: true,
    without: [],
    takes: 'notification',
    said: 'notification.message',
    codec: json,
    key: 'unit.id',
    event: payload => ({ name: 'snsEvent', code: `snsEvent([{ Sns: { Message: ${payload} } }])` }),
    answer: 'null',
    resources: `
  Source:
    Type: AWS::SNS::Topic`,
    trigger: `Type: SNS
          Properties: { Topic: !Ref Source }`,
    failures: 'destination',
    async: true,
  },
  s3: {
    title: 'S3',
    call: 's3()',
    from: '@lambent/events/s3',
    records: true,
    without: ['parse'],
    takes: 'object',
    said: 'object.key',
    codec: whole,
    key: 'unit.id',
    event: () => ({ name: 's3Event', code: `s3Event([{ key: 'orders/o-1.json' }])` }),
    answer: 'null',
    resources: `
  Source:
    Type: AWS::S3::Bucket`,
    trigger: `Type: S3
          Properties: { Bucket: !Ref Source, Events: "s3:ObjectCreated:*" }`,
    failures: 'destination',
    async: true,
  },
  dynamodb: {
    title: 'DynamoDB Streams',
    call: 'dynamoDbStream()',
    from: '@lambent/events/dynamodb-streams',
    records: true,
    without: ['parse'],
    takes: 'change',
    said: 'change.eventName',
    codec: whole,
    key: 'unit.id',
    event: () => ({ name: 'dynamoDbStreamEvent', code: 'dynamoDbStreamEvent()' }),
    answer: RECORDS_DONE,
    resources: `
  Source:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      StreamSpecification: { StreamViewType: NEW_AND_OLD_IMAGES }`,
    trigger: `Type: DynamoDB
          Properties:
            Stream: !GetAtt Source.StreamArn
            ${STREAM_OPTIONS}`,
    failures: 'destination',
  },
  kinesis: {
    title: 'Kinesis',
    call: 'kinesis()',
    from: '@lambent/events/kinesis',
    records: true,
    without: [],
    takes: 'record',
    said: 'record.partitionKey',
    codec: json,
    key: 'unit.id',
    event: payload => ({
      name: 'kinesisStreamEvent',
      code: `kinesisStreamEvent([{ kinesis: { data: ${payload} } }])`,
    }),
    answer: RECORDS_DONE,
    resources: `
  Source:
    Type: AWS::Kinesis::Stream
    Properties: { StreamModeDetails: { StreamMode: ON_DEMAND } }`,
    trigger: `Type: Kinesis
          Properties:
            Stream: !GetAtt Source.Arn
            ${STREAM_OPTIONS}`,
    failures: 'destination',
  },
  kafka: {
    title: 'Kafka',
    call: 'kafka()',
    from: '@lambent/events/kafka',
    records: true,
    without: [],
    takes: 'record',
    said: 'record.offset',
    codec: json,
    key: 'unit.id',
    event: payload => ({ name: 'mskEvent', code: `mskEvent([{ value: ${payload} }])` }),
    answer: 'null',
    parameters: `
  ClusterArn: { Type: String, Description: "Of the MSK cluster" }
  Topic: { Type: String, Default: orders }`,
    resources: '',
    trigger: `Type: MSK
          Properties:
            Stream: !Ref ClusterArn
            Topics: [!Ref Topic]
            StartingPosition: LATEST
            DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt Dlq.Arn } } # a pointer to what was given up`,
    failures: 'destination',
  },
  firehose: {
    title: 'Firehose, transforming records',
    call: 'firehose()',
    from: '@lambent/events/firehose',
    records: true,
    without: ['dead-letter'],
    takes: 'record',
    said: 'record.recordId',
    codec: json,
    key: 'unit.id',
    event: payload => ({
      name: 'firehoseTransformationEvent',
      code: `firehoseTransformationEvent([{ data: ${payload} }])`,
    }),
    answer: `{ records: [expect.objectContaining({ result: 'Ok' })] }`,
    returns: took => (took === 'body' ? 'body' : `${took}.data`),
    resources: `
  Destination:
    Type: AWS::S3::Bucket
  Source:
    Type: AWS::KinesisFirehose::DeliveryStream
    Properties:
      ExtendedS3DestinationConfiguration:
        BucketARN: !GetAtt Destination.Arn
        RoleARN: !GetAtt Delivery.Arn
        Prefix: records/
        ErrorOutputPrefix: failed/!{firehose:error-output-type}/ # what failed, as it came: Firehose does not repeat it
        ProcessingConfiguration:
          Enabled: true
          Processors:
            - Type: Lambda
              Parameters: [{ ParameterName: LambdaArn, ParameterValue: !GetAtt Function.Arn }]
  Delivery:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{ Effect: Allow, Principal: { Service: firehose.amazonaws.com }, Action: sts:AssumeRole }]
      Policies:
        - PolicyName: delivery
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - { Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt Function.Arn }
              - { Effect: Allow, Action: [s3:AbortMultipartUpload, s3:PutObject], Resource: !Sub "\${Destination.Arn}/*" }
              - { Effect: Allow, Action: [s3:GetBucketLocation, s3:ListBucket, s3:ListBucketMultipartUploads], Resource: !GetAtt Destination.Arn }`,
  },
  eventbridge: {
    title: 'EventBridge',
    call: `eventBridge({ source: 'com.example.shop', detailType: 'OrderPlaced' })`,
    from: '@lambent/events/eventbridge',
    records: false,
    without: [],
    takes: 'detailType',
    said: 'detailType',
    codec: whole,
    key: 'unit.id',
    event: payload => ({
      name: 'eventBridgeEvent',
      code: `eventBridgeEvent({ source: 'com.example.shop', 'detail-type': 'OrderPlaced', detail: ${payload} })`,
    }),
    answer: 'null',
    resources: '',
    trigger: `Type: EventBridgeRule
          Properties:
            Pattern: { source: [com.example.shop], detail-type: [OrderPlaced] }`,
    failures: 'destination',
    async: true,
  },
  schedule: {
    title: 'a schedule',
    call: 'schedule()',
    from: '@lambent/events/schedule',
    records: false,
    without: ['parse'],
    takes: 'schedule',
    said: 'schedule.time',
    codec: whole,
    key: 'unit.id',
    event: () => ({ name: 'scheduledEvent', code: 'scheduledEvent()' }),
    answer: 'null',
    resources: '',
    trigger: `Type: Schedule
          Properties: { Schedule: rate(1 hour) }`,
    failures: 'destination',
    async: true,
  },
}
