// What every answer carries beside its output.

export interface ResponseMetadata {
  httpStatusCode?: number | undefined
  /** AWS's id of the request, for its support. */
  requestId?: string | undefined
  /** The second id of S3. */
  extendedRequestId?: string | undefined
  /** From 1. */
  attempts?: number | undefined
  /** Milliseconds slept between attempts. */
  totalRetryDelay?: number | undefined
}

export interface MetadataBearer {
  $metadata: ResponseMetadata
}
