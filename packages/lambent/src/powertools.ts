// Needs @aws-lambda-powertools/logger and /metrics.
export * from '@lambent/powertools'
