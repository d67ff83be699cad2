// Items of DynamoDB as plain values.
export * from '@lambent/core/dynamodb'
