// The resources of template.yaml, which says why each is as it is.
import { join } from 'node:path'
import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import {
  Architecture,
  Code,
  EventSourceMapping,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'

export interface PaymentsWorkerProps extends StackProps {
  readonly providerUrl: string
}

const SERVICE = 'payments-worker'
const NAMESPACE = 'Shop'

export class PaymentsWorker extends Stack {
  constructor(scope: Construct, id: string, { providerUrl, ...props }: PaymentsWorkerProps) {
    super(scope, id, props)
    const timeout = Duration.seconds(30)
    const key = new Key(this, 'EnvironmentKey', {
      description: 'Environment variables of the functions',
      enableKeyRotation: true,
    })
    const idempotency = new Table(this, 'Idempotency', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiration', // records are needed as long as repeats may come
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const dlq = new Queue(this, 'PaymentsDlq', {
      fifo: true,
      retentionPeriod: Duration.days(14), // the most there is: time for a person
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    })
    const payments = new Queue(this, 'Payments', {
      fifo: true,
      contentBasedDeduplication: false, // senders give an id: two payments may look alike
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      visibilityTimeout: Duration.seconds(6 * timeout.toSeconds()), // as AWS advises
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      deadLetterQueue: { queue: dlq, maxReceiveCount: 6 }, // more than `after` of deadLetter()
    })

    const logGroup = new LogGroup(this, 'TakePaymentsLogs', { retention: RetentionDays.ONE_MONTH })
    // A role of its own: the one that CDK makes has AWSLambdaBasicExecutionRole, which writes to every log group. And
    // statements instead of `grant…()`, which allow more than the function does.
    const role = new Role(this, 'TakePaymentsRole', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    const allow = (resource: string, ...actions: string[]) =>
      role.addToPolicy(new PolicyStatement({ actions, resources: [resource] }))
    allow(logGroup.logGroupArn, 'logs:CreateLogStream', 'logs:PutLogEvents')
    allow(key.keyArn, 'kms:Decrypt')
    allow(payments.queueArn, 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes')
    allow(idempotency.tableArn, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem')
    allow(dlq.queueArn, 'sqs:SendMessage')

    const takePayments = new LambdaFunction(this, 'TakePayments', {
      description: 'Charges payments',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout,
      code: Code.fromAsset(join(import.meta.dirname, '../dist')),
      handler: 'take-payments.handler',
      role,
      tracing: Tracing.ACTIVE,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      reservedConcurrentExecutions: 25, // a little more than the mapping asks for, so that it is never throttled
      environmentEncryption: key,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: SERVICE,
        POWERTOOLS_METRICS_NAMESPACE: NAMESPACE,
        PROVIDER_URL: providerUrl,
        DLQ_URL: dlq.queueUrl,
        IDEMPOTENCY_TABLE: idempotency.tableName,
      },
    })
    new EventSourceMapping(this, 'Queue', {
      target: takePayments,
      eventSourceArn: payments.queueArn,
      batchSize: 10,
      maxConcurrency: 20, // here, and not by reserved concurrency: throttled messages are received for nothing
      reportBatchItemFailures: true, // without it the response is ignored, and failures are lost
    })

    const action = new SnsAction(new Topic(this, 'AlarmTopic')) // subscribe whoever is on call
    const alarm = (name: string, metric: IMetric, threshold = 0, [datapointsToAlarm, evaluationPeriods] = [1, 1]) =>
      new Alarm(this, name, {
        metric,
        threshold,
        evaluationPeriods,
        datapointsToAlarm,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }).addAlarmAction(action)
    const period = Duration.minutes(1)
    alarm('TakePaymentsErrors', takePayments.metricErrors({ period }), 0, [2, 3])
    alarm('TakePaymentsThrottles', takePayments.metricThrottles({ period }), 0, [3, 5])
    alarm(
      'TakePaymentsNearTimeout',
      takePayments.metricDuration({ statistic: Stats.percentile(99) }),
      0.8 * timeout.toMilliseconds(),
    )
    alarm('DeadLetters', dlq.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }))
    alarm('Waiting', payments.metricApproximateAgeOfOldestMessage({ period, statistic: Stats.MAXIMUM }), 300, [3, 3])
    const failed = new Metric({
      namespace: NAMESPACE,
      metricName: 'DeadLettersFailed',
      dimensionsMap: { service: SERVICE, function_name: takePayments.functionName },
      statistic: Stats.SUM,
      period,
    })
    alarm('DeadLettersFailed', failed)
  }
}
