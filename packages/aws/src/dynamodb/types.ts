// Inputs and outputs of DynamoDB, as in its API reference: named and shaped as the AWS SDK v3 does.
import type { MetadataBearer } from '../client/metadata.ts'

/** A value of DynamoDB: an object with one key, its type. */
export type AttributeValue =
  | { S: string }
  | { N: string }
  | { B: Uint8Array }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: Uint8Array[] }
  | { M: AttributeMap }
  | { L: AttributeValue[] }
  | { NULL: boolean }
  | { BOOL: boolean }
  /** Of a type that came later. */
  | { $unknown: [string, unknown] }

/** An item, a key, or the values of an expression. */
export interface AttributeMap {
  [name: string]: AttributeValue
}

export interface PutItemInput {
  TableName: string
  Item: AttributeMap
  Expected?: Record<string, ExpectedAttributeValue> | undefined
  ReturnValues?: ReturnValue | undefined
  ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined
  ReturnItemCollectionMetrics?: ReturnItemCollectionMetrics | undefined
  ConditionalOperator?: ConditionalOperator | undefined
  ConditionExpression?: string | undefined
  ExpressionAttributeNames?: Record<string, string> | undefined
  ExpressionAttributeValues?: AttributeMap | undefined
  ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined
}

export interface PutItemOutput extends MetadataBearer {
  Attributes?: AttributeMap | undefined
  ConsumedCapacity?: ConsumedCapacity | undefined
  ItemCollectionMetrics?: ItemCollectionMetrics | undefined
}

export interface GetItemInput {
  TableName: string
  Key: AttributeMap
  AttributesToGet?: string[] | undefined
  ConsistentRead?: boolean | undefined
  ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined
  ProjectionExpression?: string | undefined
  ExpressionAttributeNames?: Record<string, string> | undefined
}

export interface GetItemOutput extends MetadataBearer {
  Item?: AttributeMap | undefined
  ConsumedCapacity?: ConsumedCapacity | undefined
}

export interface UpdateItemInput {
  TableName: string
  Key: AttributeMap
  AttributeUpdates?: Record<string, AttributeValueUpdate> | undefined
  Expected?: Record<string, ExpectedAttributeValue> | undefined
  ConditionalOperator?: ConditionalOperator | undefined
  ReturnValues?: ReturnValue | undefined
  ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined
  ReturnItemCollectionMetrics?: ReturnItemCollectionMetrics | undefined
  UpdateExpression?: string | undefined
  ConditionExpression?: string | undefined
  ExpressionAttributeNames?: Record<string, string> | undefined
  ExpressionAttributeValues?: AttributeMap | undefined
  ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined
}

export interface UpdateItemOutput extends MetadataBearer {
  Attributes?: AttributeMap | undefined
  ConsumedCapacity?: ConsumedCapacity | undefined
  ItemCollectionMetrics?: ItemCollectionMetrics | undefined
}

export interface DeleteItemInput {
  TableName: string
  Key: AttributeMap
  Expected?: Record<string, ExpectedAttributeValue> | undefined
  ConditionalOperator?: ConditionalOperator | undefined
  ReturnValues?: ReturnValue | undefined
  ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined
  ReturnItemCollectionMetrics?: ReturnItemCollectionMetrics | undefined
  ConditionExpression?: string | undefined
  ExpressionAttributeNames?: Record<string, string> | undefined
  ExpressionAttributeValues?: AttributeMap | undefined
  ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined
}

export interface DeleteItemOutput extends MetadataBearer {
  Attributes?: AttributeMap | undefined
  ConsumedCapacity?: ConsumedCapacity | undefined
  ItemCollectionMetrics?: ItemCollectionMetrics | undefined
}

export interface QueryInput {
  TableName: string
  IndexName?: string | undefined
  Select?: Select | undefined
  AttributesToGet?: string[] | undefined
  Limit?: number | undefined
  ConsistentRead?: boolean | undefined
  KeyConditions?: Record<string, Condition> | undefined
  QueryFilter?: Record<string, Condition> | undefined
  ConditionalOperator?: ConditionalOperator | undefined
  ScanIndexForward?: boolean | undefined
  ExclusiveStartKey?: AttributeMap | undefined
  ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined
  ProjectionExpression?: string | undefined
  FilterExpression?: string | undefined
  KeyConditionExpression?: string | undefined
  ExpressionAttributeNames?: Record<string, string> | undefined
  ExpressionAttributeValues?: AttributeMap | undefined
}

export interface QueryOutput extends MetadataBearer {
  Items?: AttributeMap[] | undefined
  Count?: number | undefined
  ScannedCount?: number | undefined
  LastEvaluatedKey?: AttributeMap | undefined
  ConsumedCapacity?: ConsumedCapacity | undefined
}

export interface TransactWriteItemsInput {
  TransactItems: TransactWriteItem[]
  ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined
  ReturnItemCollectionMetrics?: ReturnItemCollectionMetrics | undefined
  ClientRequestToken?: string | undefined
}

export interface TransactWriteItemsOutput extends MetadataBearer {
  ConsumedCapacity?: ConsumedCapacity[] | undefined
  ItemCollectionMetrics?: Record<string, ItemCollectionMetrics[]> | undefined
}

export interface ExpectedAttributeValue {
  Value?: AttributeValue | undefined
  Exists?: boolean | undefined
  ComparisonOperator?: ComparisonOperator | undefined
  AttributeValueList?: AttributeValue[] | undefined
}

export type ComparisonOperator =
  | 'BEGINS_WITH'
  | 'BETWEEN'
  | 'CONTAINS'
  | 'EQ'
  | 'GE'
  | 'GT'
  | 'IN'
  | 'LE'
  | 'LT'
  | 'NE'
  | 'NOT_CONTAINS'
  | 'NOT_NULL'
  | 'NULL'

export type ReturnValue = 'ALL_NEW' | 'ALL_OLD' | 'NONE' | 'UPDATED_NEW' | 'UPDATED_OLD'

export type ReturnConsumedCapacity = 'INDEXES' | 'NONE' | 'TOTAL'

export type ReturnItemCollectionMetrics = 'NONE' | 'SIZE'

export type ConditionalOperator = 'AND' | 'OR'

export type ReturnValuesOnConditionCheckFailure = 'ALL_OLD' | 'NONE'

export interface ConsumedCapacity {
  TableName?: string | undefined
  CapacityUnits?: number | undefined
  ReadCapacityUnits?: number | undefined
  WriteCapacityUnits?: number | undefined
  Table?: Capacity | undefined
  LocalSecondaryIndexes?: Record<string, Capacity> | undefined
  GlobalSecondaryIndexes?: Record<string, Capacity> | undefined
  VectorIndexes?: Record<string, VectorCapacity> | undefined
}

export interface Capacity {
  ReadCapacityUnits?: number | undefined
  WriteCapacityUnits?: number | undefined
  CapacityUnits?: number | undefined
}

export interface VectorCapacity {
  VectorSearchRequestBytes?: number | undefined
  VectorWriteRequestBytes?: number | undefined
}

export interface ItemCollectionMetrics {
  ItemCollectionKey?: AttributeMap | undefined
  SizeEstimateRangeGB?: number[] | undefined
}

export interface AttributeValueUpdate {
  Value?: AttributeValue | undefined
  Action?: AttributeAction | undefined
}

export type AttributeAction = 'ADD' | 'DELETE' | 'PUT'

export type Select = 'ALL_ATTRIBUTES' | 'ALL_PROJECTED_ATTRIBUTES' | 'COUNT' | 'SPECIFIC_ATTRIBUTES'

export interface Condition {
  AttributeValueList?: AttributeValue[] | undefined
  ComparisonOperator: ComparisonOperator | undefined
}

export interface TransactWriteItem {
  ConditionCheck?: ConditionCheck | undefined
  Put?: Put | undefined
  Delete?: Delete | undefined
  Update?: Update | undefined
}

export interface ConditionCheck {
  Key: AttributeMap | undefined
  TableName: string | undefined
  ConditionExpression: string | undefined
  ExpressionAttributeNames?: Record<string, string> | undefined
  ExpressionAttributeValues?: AttributeMap | undefined
  ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined
}

export interface Put {
  Item: AttributeMap | undefined
  TableName: string | undefined
  ConditionExpression?: string | undefined
  ExpressionAttributeNames?: Record<string, string> | undefined
  ExpressionAttributeValues?: AttributeMap | undefined
  ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined
}

export interface Delete {
  Key: AttributeMap | undefined
  TableName: string | undefined
  ConditionExpression?: string | undefined
  ExpressionAttributeNames?: Record<string, string> | undefined
  ExpressionAttributeValues?: AttributeMap | undefined
  ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined
}

export interface Update {
  Key: AttributeMap | undefined
  UpdateExpression: string | undefined
  TableName: string | undefined
  ConditionExpression?: string | undefined
  ExpressionAttributeNames?: Record<string, string> | undefined
  ExpressionAttributeValues?: AttributeMap | undefined
  ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined
}
