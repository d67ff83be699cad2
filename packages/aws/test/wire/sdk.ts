// The AWS SDK's clients of the same services: development only, as the model that the small ones are held to.
import { AppConfigData } from '@aws-sdk/client-appconfigdata'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { EventBridge } from '@aws-sdk/client-eventbridge'
import { KMS } from '@aws-sdk/client-kms'
import { S3 } from '@aws-sdk/client-s3'
import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { SNS } from '@aws-sdk/client-sns'
import { SQS } from '@aws-sdk/client-sqs'
import { SSM } from '@aws-sdk/client-ssm'
import { STS } from '@aws-sdk/client-sts'

export { AppConfigData, DynamoDB, EventBridge, KMS, S3, SecretsManager, SNS, SQS, SSM, STS }

export interface SdkClients {
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
