// Middlewares of middy in Lambent, and the other way round.
export * from '@lambent/middy'
