// Writes template.yaml anew: `node on-aws/template.ts`, when the contenders have changed.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { functions } from './functions.ts'

const head = `# The handlers of benchmarks/stacks as functions, for those who have an account. Written by template.ts.
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Description: Cold starts of Lambent and its peers

Parameters:
  MemorySize:
    Type: Number
    Default: 512
    MinValue: 128
    MaxValue: 10240
    Description: MB; a core is 1769
  Runtime:
    Type: String
    Default: nodejs24.x
    AllowedValues: [nodejs22.x, nodejs24.x]

Globals:
  Function:
    Runtime: !Ref Runtime
    Handler: handler.handler
    Architectures: [arm64]
    MemorySize: !Ref MemorySize
    Timeout: 10
    Environment:
      Variables:
        DLQ_URL: !Ref DeadLetters
        IDEMPOTENCY_TABLE: !Ref Idempotency
        ORDERS_TABLE: !Ref Orders
        SECRET_ID: !Ref Secret

Resources:
  Idempotency:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      TimeToLiveSpecification: { AttributeName: expiration, Enabled: true }
  Orders:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
  DeadLetters:
    Type: AWS::SQS::Queue
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
  Secret:
    Type: AWS::SecretsManager::Secret
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      GenerateSecretString: { PasswordLength: 32 }
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: { Service: lambda.amazonaws.com }
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - !Sub arn:\${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
      Policies:
        - PolicyName: stacks
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action: [dynamodb:GetItem, dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem]
                Resource: [!GetAtt Idempotency.Arn, !GetAtt Orders.Arn]
              - Effect: Allow
                Action: sqs:SendMessage
                Resource: !GetAtt DeadLetters.Arn
              - Effect: Allow
                Action: secretsmanager:GetSecretValue
                Resource: !Ref Secret
              # It takes no resource.
              - Effect: Allow
                Action: secretsmanager:BatchGetSecretValue
                Resource: '*'
`
const each = functions.map(
  ({ id, contender }) => `  ${id}:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .build/${id}
      Role: !GetAtt Role.Arn
      Description: '${contender.stack}: ${contender.name.replaceAll("'", '"')}'
`,
)
const outputs = `
Outputs:
  Stack:
    Value: !Ref AWS::StackName
`
export const template: string = head + each.join('') + outputs
if (import.meta.main) writeFileSync(join(import.meta.dirname, 'template.yaml'), template)
