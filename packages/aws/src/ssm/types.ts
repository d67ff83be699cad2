// Inputs and outputs of Systems Manager Parameter Store, as in its API reference: named and shaped as the AWS SDK v3 does.
import type { MetadataBearer } from '../client/metadata.ts'

export interface GetParameterInput {
  Name: string
  WithDecryption?: boolean | undefined
}

export interface GetParameterOutput extends MetadataBearer {
  Parameter?: Parameter | undefined
}

export interface GetParametersInput {
  Names: string[]
  WithDecryption?: boolean | undefined
}

export interface GetParametersOutput extends MetadataBearer {
  Parameters?: Parameter[] | undefined
  InvalidParameters?: string[] | undefined
}

export interface GetParametersByPathInput {
  Path: string
  Recursive?: boolean | undefined
  ParameterFilters?: ParameterStringFilter[] | undefined
  WithDecryption?: boolean | undefined
  MaxResults?: number | undefined
  NextToken?: string | undefined
}

export interface GetParametersByPathOutput extends MetadataBearer {
  Parameters?: Parameter[] | undefined
  NextToken?: string | undefined
}

export interface Parameter {
  Name?: string | undefined
  Type?: ParameterType | undefined
  Value?: string | undefined
  Version?: number | undefined
  Selector?: string | undefined
  SourceResult?: string | undefined
  LastModifiedDate?: Date | undefined
  ARN?: string | undefined
  DataType?: string | undefined
}

export type ParameterType = 'SecureString' | 'String' | 'StringList'

export interface ParameterStringFilter {
  Key: string | undefined
  Option?: string | undefined
  Values?: string[] | undefined
}
