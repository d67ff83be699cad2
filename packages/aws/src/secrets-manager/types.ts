// Inputs and outputs of Secrets Manager, as in its API reference: named and shaped as the AWS SDK v3 does.
import type { MetadataBearer } from '../client/metadata.ts'

export interface GetSecretValueInput {
  SecretId: string
  VersionId?: string | undefined
  VersionStage?: string | undefined
}

export interface GetSecretValueOutput extends MetadataBearer {
  ARN?: string | undefined
  Name?: string | undefined
  VersionId?: string | undefined
  SecretBinary?: Uint8Array | undefined
  SecretString?: string | undefined
  VersionStages?: string[] | undefined
  CreatedDate?: Date | undefined
}

export interface BatchGetSecretValueInput {
  SecretIdList?: string[] | undefined
  Filters?: Filter[] | undefined
  MaxResults?: number | undefined
  NextToken?: string | undefined
}

export interface BatchGetSecretValueOutput extends MetadataBearer {
  SecretValues?: SecretValueEntry[] | undefined
  NextToken?: string | undefined
  Errors?: APIErrorType[] | undefined
}

export interface Filter {
  Key?: FilterNameStringType | undefined
  Values?: string[] | undefined
}

export type FilterNameStringType =
  | 'all'
  | 'description'
  | 'name'
  | 'owning-service'
  | 'primary-region'
  | 'tag-key'
  | 'tag-value'

export interface SecretValueEntry {
  ARN?: string | undefined
  Name?: string | undefined
  VersionId?: string | undefined
  SecretBinary?: Uint8Array | undefined
  SecretString?: string | undefined
  VersionStages?: string[] | undefined
  CreatedDate?: Date | undefined
}

export interface APIErrorType {
  SecretId?: string | undefined
  ErrorCode?: string | undefined
  Message?: string | undefined
}
