// The sizes of bundles: of each package alone, with all that it exports or with what one imports, and of each stack.
import { bundle, gzipped } from './bundle.ts'
import type { Contender } from './contenders.ts'

export interface Size {
  /** Bytes, minified. */
  readonly min: number
  /** Bytes, minified and gzipped. */
  readonly gzip: number
}

/** What somebody who uses a package has of it in a bundle. */
export interface Part {
  readonly name: string
  readonly code: string
  readonly ours: boolean
  /** What is beside it in any bundle, and left out. */
  readonly external?: readonly string[] | undefined
}

const everything = (name: string): Part => ({ name, code: `export * from '${name}'`, ours: true })
const some = (names: string, from: string, ours = true): Part => ({
  name: `${from}: ${names}`,
  code: `export { ${names} } from '${from}'`,
  ours,
})

/** Packages alone, each with those of Lambent that it needs. */
export const lambentParts: readonly Part[] = [
  everything('@lambent/core'),
  everything('@lambent/http'),
  everything('@lambent/events'),
  some('sqs', '@lambent/events/sqs'),
  everything('@lambent/schema'),
  some('json, parse', '@lambent/schema'),
  everything('@lambent/aws'),
  some('DynamoDB', '@lambent/aws/dynamodb'),
  everything('@lambent/secrets'),
  some('secret, secrets', '@lambent/secrets'),
  everything('@lambent/idempotency'),
  some('dynamoDbStore, idempotent', '@lambent/idempotency'),
  everything('@lambent/retry'),
  some('retry', '@lambent/retry'),
  everything('@lambent/dead-letter'),
  some('deadLetter, sqsQueue', '@lambent/dead-letter'),
  everything('@lambent/powertools'),
  some('logger', '@lambent/powertools/logger'),
  some('metrics', '@lambent/powertools/metrics'),
]

export const peerParts: readonly Part[] = [
  some('default as middy', '@middy/core', false),
  some('default as jsonBodyParser', '@middy/http-json-body-parser', false),
  some('default as sqsPartialBatchFailure', '@middy/sqs-partial-batch-failure', false),
  some('Router', '@aws-lambda-powertools/event-handler/http', false),
  some('BatchProcessor, processPartialResponse', '@aws-lambda-powertools/batch', false),
  some('Logger', '@aws-lambda-powertools/logger', false),
  some('Metrics', '@aws-lambda-powertools/metrics', false),
  some('makeIdempotent', '@aws-lambda-powertools/idempotency', false),
  some('DynamoDBPersistenceLayer', '@aws-lambda-powertools/idempotency/dynamodb', false),
  some('getSecret', '@aws-lambda-powertools/parameters/secrets', false),
  some('Hono', 'hono', false),
  some('handle', 'hono/aws-lambda', false),
  some('default as createApi', 'lambda-api', false),
  some('LambdaHandler', '@effect-aws/lambda', false),
  some('DynamoDBClient, PutItemCommand', '@aws-sdk/client-dynamodb', false),
]

export async function sizeOf({ code, external }: Part): Promise<Size> {
  return sized(await bundle({ code }, { external }))
}

export async function sizeOfStack({ entry, schema }: Contender): Promise<Size> {
  return sized(await bundle(entry, { schema }))
}

/** Without the schema library: an order by hand stands for it. */
export async function sizeWithoutSchema({ entry }: Contender): Promise<Size> {
  return sized(await bundle(entry, { schema: 'by-hand' }))
}

function sized(code: Uint8Array): Size {
  return { min: code.byteLength, gzip: gzipped(code) }
}

/** Kilobytes, as bundlers count them. */
export const kB = (bytes: number): number => Number((bytes / 1000).toFixed(1))
