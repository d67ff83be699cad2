// For tests: events, a Lambda context, and an invoke that behaves as Lambda does.
export * from '@lambent/testing'
