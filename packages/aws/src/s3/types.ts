// Inputs and outputs of S3, as in its API reference: named and shaped as the AWS SDK v3 does.
import type { Readable } from 'node:stream'
import type { MetadataBearer } from '../client/metadata.ts'

/** A body that is yet to be read, once. */
export interface ObjectBody {
  transformToByteArray(): Promise<Uint8Array>
  /** @param encoding default `utf-8`; `base64` and `hex` too */
  transformToString(encoding?: string): Promise<string>
}

/** A body that can also be read as a stream of Node's. */
export type StreamingObjectBody = ObjectBody & Readable

export interface GetObjectInput {
  Bucket: string
  IfMatch?: string | undefined
  IfModifiedSince?: Date | undefined
  IfNoneMatch?: string | undefined
  IfUnmodifiedSince?: Date | undefined
  Key: string
  Range?: string | undefined
  VersionId?: string | undefined
  ExpectedBucketOwner?: string | undefined
}

export interface GetObjectOutput<Body extends ObjectBody = ObjectBody> extends HeadObjectOutput {
  Body?: Body | undefined
}

export interface PutObjectInput {
  Bucket: string
  CacheControl?: string | undefined
  ContentDisposition?: string | undefined
  ContentEncoding?: string | undefined
  ContentLanguage?: string | undefined
  ContentLength?: number | undefined
  ContentMD5?: string | undefined
  ContentType?: string | undefined
  IfMatch?: string | undefined
  IfNoneMatch?: string | undefined
  Key: string
  Metadata?: Record<string, string> | undefined
  ServerSideEncryption?: ServerSideEncryption | undefined
  SSEKMSKeyId?: string | undefined
  ExpectedBucketOwner?: string | undefined
  Body?: string | Uint8Array
}

export interface PutObjectOutput extends MetadataBearer {
  Expiration?: string | undefined
  ETag?: string | undefined
  ServerSideEncryption?: ServerSideEncryption | undefined
  VersionId?: string | undefined
  SSEKMSKeyId?: string | undefined
}

export interface DeleteObjectInput {
  Bucket: string
  Key: string
  VersionId?: string | undefined
  ExpectedBucketOwner?: string | undefined
  IfMatch?: string | undefined
}

export interface DeleteObjectOutput extends MetadataBearer {
  VersionId?: string | undefined
}

export interface HeadObjectInput extends GetObjectInput {}

export interface HeadObjectOutput extends MetadataBearer {
  AcceptRanges?: string | undefined
  Expiration?: string | undefined
  LastModified?: Date | undefined
  ContentLength?: number | undefined
  ETag?: string | undefined
  VersionId?: string | undefined
  CacheControl?: string | undefined
  ContentDisposition?: string | undefined
  ContentEncoding?: string | undefined
  ContentLanguage?: string | undefined
  ContentType?: string | undefined
  ContentRange?: string | undefined
  ServerSideEncryption?: ServerSideEncryption | undefined
  Metadata?: Record<string, string> | undefined
  SSEKMSKeyId?: string | undefined
}

export type ServerSideEncryption = 'AES256' | 'aws:backup' | 'aws:fsx' | 'aws:kms' | 'aws:kms:dsse'
