// Logger, metrics and what goes with them. Each part also has an entry of its own, for functions that are not bundled.
// Tracing has only that, `@lambent/powertools/tracing` and `/xray`: it needs what not everybody has installed.
export * from './input-output-log.ts'
export * from './logger.ts'
export * from './metrics.ts'
export * from './warmup.ts'
