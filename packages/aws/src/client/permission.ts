// The IAM actions that each method needs, so that a middleware can say them.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

import type { AppConfigData } from '../appconfigdata/index.ts'
import type { DynamoDB } from '../dynamodb/index.ts'
import type { EventBridge } from '../eventbridge/index.ts'
import type { KMS } from '../kms/index.ts'
import type { S3 } from '../s3/index.ts'
import type { SecretsManager } from '../secrets-manager/index.ts'
import type { SNS } from '../sns/index.ts'
import type { SQS } from '../sqs/index.ts'
import type { SSM } from '../ssm/index.ts'
import type { STS } from '../sts/index.ts'

/** The clients by their subpaths. */
export interface Clients {
  readonly dynamodb: DynamoDB
  readonly sqs: SQS
  readonly sns: SNS
  readonly eventbridge: EventBridge
  readonly 'secrets-manager': SecretsManager
  readonly ssm: SSM
  readonly kms: KMS
  readonly appconfigdata: AppConfigData
  readonly s3: S3
  readonly sts: STS
}

/** The methods of a client that call AWS. */
export type MethodOf<Service extends keyof Clients> = Exclude<keyof Clients[Service], 'connect'>

const ACTIONS: { readonly [Service in keyof Clients]: Readonly<Record<MethodOf<Service>, readonly string[]>> } = {
  dynamodb: {
    getItem: ['dynamodb:GetItem'],
    putItem: ['dynamodb:PutItem'],
    updateItem: ['dynamodb:UpdateItem'],
    deleteItem: ['dynamodb:DeleteItem'],
    query: ['dynamodb:Query'],
    // Of each action within the transaction.
    transactWriteItems: [
      'dynamodb:ConditionCheckItem',
      'dynamodb:DeleteItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    ],
  },
  sqs: {
    sendMessage: ['sqs:SendMessage'],
    sendMessageBatch: ['sqs:SendMessage'],
    changeMessageVisibility: ['sqs:ChangeMessageVisibility'],
    receiveMessage: ['sqs:ReceiveMessage'],
    deleteMessage: ['sqs:DeleteMessage'],
    deleteMessageBatch: ['sqs:DeleteMessage'],
    // And SendMessage on the queue that they move to.
    startMessageMoveTask: [
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
      'sqs:SendMessage',
      'sqs:StartMessageMoveTask',
    ],
    getQueueUrl: ['sqs:GetQueueUrl'],
    getQueueAttributes: ['sqs:GetQueueAttributes'],
  },
  sns: { publish: ['sns:Publish'], publishBatch: ['sns:Publish'] },
  eventbridge: { putEvents: ['events:PutEvents'] },
  'secrets-manager': {
    getSecretValue: ['secretsmanager:GetSecretValue'],
    batchGetSecretValue: ['secretsmanager:BatchGetSecretValue', 'secretsmanager:GetSecretValue'],
  },
  ssm: {
    getParameter: ['ssm:GetParameter'],
    getParameters: ['ssm:GetParameters'],
    getParametersByPath: ['ssm:GetParametersByPath'],
  },
  kms: { decrypt: ['kms:Decrypt'] },
  appconfigdata: {
    startConfigurationSession: ['appconfig:StartConfigurationSession'],
    getLatestConfiguration: ['appconfig:GetLatestConfiguration'],
  },
  s3: {
    getObject: ['s3:GetObject'],
    headObject: ['s3:GetObject'],
    putObject: ['s3:PutObject'],
    deleteObject: ['s3:DeleteObject'],
  },
  sts: { assumeRole: ['sts:AssumeRole'] },
}

/** As a middleware's `permissions` takes it. */
export interface PolicyStatement {
  readonly actions: readonly string[]
  readonly resources: readonly string[]
}

/**
 * What a role must allow for these methods.
 *
 * ```ts
 * permission('dynamodb', ['putItem', 'updateItem'], [tableArn])
 * // { actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem'], resources: [tableArn] }
 * ```
 *
 * @param resources ARNs. Default `*`: they are not known
 */
export function permission<Service extends keyof Clients>(
  service: Service,
  methods: readonly MethodOf<Service>[],
  resources: readonly string[] = ['*'],
): PolicyStatement {
  const actions: Readonly<Record<PropertyKey, readonly string[]>> = ACTIONS[service]
  return { actions: [...new Set(methods.flatMap(method => actions[method] ?? []))].sort(), resources }
}
