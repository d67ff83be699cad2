// Inputs and outputs of STS, as in its API reference: named and shaped as the AWS SDK v3 does.
import type { MetadataBearer } from '../client/metadata.ts'

export interface AssumeRoleInput {
  RoleArn: string
  RoleSessionName: string
  PolicyArns?: PolicyDescriptorType[] | undefined
  Policy?: string | undefined
  DurationSeconds?: number | undefined
  Tags?: Tag[] | undefined
  TransitiveTagKeys?: string[] | undefined
  ExternalId?: string | undefined
  SerialNumber?: string | undefined
  TokenCode?: string | undefined
  SourceIdentity?: string | undefined
  ProvidedContexts?: ProvidedContext[] | undefined
  MinimumSessionTokenSize?: number | undefined
}

export interface AssumeRoleOutput extends MetadataBearer {
  Credentials?: Credentials | undefined
  AssumedRoleUser?: AssumedRoleUser | undefined
  PackedPolicySize?: number | undefined
  SourceIdentity?: string | undefined
  SessionTokenUtilization?: number | undefined
  SessionTokenSize?: number | undefined
}

export interface PolicyDescriptorType {
  arn?: string | undefined
}

export interface Tag {
  Key: string | undefined
  Value: string | undefined
}

export interface ProvidedContext {
  ProviderArn?: string | undefined
  ContextAssertion?: string | undefined
}

export interface Credentials {
  AccessKeyId: string | undefined
  SecretAccessKey: string | undefined
  SessionToken: string | undefined
  Expiration: Date | undefined
}

export interface AssumedRoleUser {
  AssumedRoleId: string | undefined
  Arn: string | undefined
}
