// One trail across services.
export * from '@lambent/core/correlation'
