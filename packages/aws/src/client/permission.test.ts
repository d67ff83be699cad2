import { describe, expect, it } from 'vitest'
import * as clients from '../index.ts'
import { permission } from './permission.ts'

describe('permission()', () => {
  it('says the actions of methods, each once, and the resources', () => {
    expect(permission('s3', ['headObject', 'getObject', 'putObject'], ['arn:aws:s3:::b/*'])).toEqual({
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: ['arn:aws:s3:::b/*'],
    })
    expect(permission('secrets-manager', ['batchGetSecretValue'])).toEqual({
      actions: ['secretsmanager:BatchGetSecretValue', 'secretsmanager:GetSecretValue'],
      resources: ['*'],
    })
  })

  it('knows every method of every client', () => {
    const all = {
      dynamodb: clients.DynamoDB,
      sqs: clients.SQS,
      sns: clients.SNS,
      eventbridge: clients.EventBridge,
      'secrets-manager': clients.SecretsManager,
      ssm: clients.SSM,
      kms: clients.KMS,
      appconfigdata: clients.AppConfigData,
      s3: clients.S3,
      sts: clients.STS,
    } as const
    for (const [service, Client] of Object.entries(all))
      for (const method of Object.getOwnPropertyNames(Client.prototype))
        if (!/^(constructor|connect)$/.test(method))
          expect(
            permission(service as keyof clients.Clients, [method as never]).actions,
            `${service}.${method}`,
          ).not.toEqual([])
  })
})
