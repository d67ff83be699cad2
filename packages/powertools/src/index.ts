// All of the package. Each part also has an entry of its own, for functions that are not bundled.
export * from './logger.ts'
export * from './metrics.ts'
