// The services, by the names that the AWS SDK, the environment, hosts and signatures have for them.
import type { Service } from './service.ts'

export const DYNAMODB_SERVICE: Service = {
  name: 'DynamoDB',
  id: 'DYNAMODB',
  prefix: 'dynamodb',
  signingName: 'dynamodb',
  govFips: true,
}
export const SQS_SERVICE: Service = { name: 'SQS', id: 'SQS', prefix: 'sqs', signingName: 'sqs', govFips: true }
export const SNS_SERVICE: Service = { name: 'SNS', id: 'SNS', prefix: 'sns', signingName: 'sns', govFips: true }
export const EVENTBRIDGE_SERVICE: Service = {
  name: 'EventBridge',
  id: 'EVENTBRIDGE',
  prefix: 'events',
  signingName: 'events',
  govFips: 'and dual stack',
}
export const SECRETS_MANAGER_SERVICE: Service = {
  name: 'SecretsManager',
  id: 'SECRETS_MANAGER',
  prefix: 'secretsmanager',
  signingName: 'secretsmanager',
  plainDualstack: true,
}
export const SSM_SERVICE: Service = { name: 'SSM', id: 'SSM', prefix: 'ssm', signingName: 'ssm', govFips: true }
export const KMS_SERVICE: Service = { name: 'KMS', id: 'KMS', prefix: 'kms', signingName: 'kms' }
export const APPCONFIGDATA_SERVICE: Service = {
  name: 'AppConfigData',
  id: 'APPCONFIGDATA',
  prefix: 'appconfigdata',
  signingName: 'appconfig',
  govFips: true,
}
export const S3_SERVICE: Service = {
  name: 'S3',
  id: 'S3',
  prefix: 's3',
  signingName: 's3',
  dualstackInfix: 'dualstack',
}
export const STS_SERVICE: Service = { name: 'STS', id: 'STS', prefix: 'sts', signingName: 'sts', govFips: true }
