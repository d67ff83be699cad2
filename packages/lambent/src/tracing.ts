// Needs @opentelemetry/api.
export * from '@lambent/powertools/tracing'
