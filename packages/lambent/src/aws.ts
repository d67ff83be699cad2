// The small clients for AWS that the middlewares call, for handlers that call it too.
export * from '@lambent/aws'
