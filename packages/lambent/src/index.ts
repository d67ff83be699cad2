// One package for those who want one install: all that a function bundles, and nothing that it does not use.
export * from '@lambent/core'
export * from '@lambent/dead-letter'
export * from '@lambent/events'
// The sources; the codecs of the same names, for what is in the body of a message, are in `lambent/schema`.
export { eventBridge, type S3Notification, s3, sns } from '@lambent/events'
export * from '@lambent/http'
export * from '@lambent/idempotency'
export * from '@lambent/retry'
export * from '@lambent/schema'
export * from '@lambent/secrets'
