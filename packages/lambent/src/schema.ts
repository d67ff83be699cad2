// Codecs: also those whose names are taken by sources, `eventBridge`, `s3` and `sns`.
export * from '@lambent/schema'
