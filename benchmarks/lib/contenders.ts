// Which handlers are compared: for each stack the ways to write it, by hand, with Lambent, with its peers.
import type { SchemaLibrary } from './bundle.ts'

export type StackName = 'bare' | 'http' | 'sqs' | 'aws-call' | 'full' | 'packages'

export interface Contender {
  readonly stack: StackName
  readonly name: string
  /** A file of benchmarks/stacks without its extension. */
  readonly entry: string
  readonly schema?: SchemaLibrary | undefined
  readonly ours: boolean
  /** Also measured as CommonJS, on other Node.js versions and with less CPU. */
  readonly variants: boolean
}

const SCHEMAS: Readonly<Record<Exclude<SchemaLibrary, 'by-hand'>, string>> = {
  zod: "import { z } from 'zod'",
  'zod-namespace': "import * as z from 'zod'",
  'zod-mini': 'zod/mini',
  valibot: 'valibot',
}
const ALL = Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[]

function each(
  stack: StackName,
  entry: string,
  name: string,
  schemas: readonly (keyof typeof SCHEMAS)[],
  variants: readonly (keyof typeof SCHEMAS)[] = [],
): Contender[] {
  return schemas.map(schema => ({
    stack,
    name: `${name} · ${SCHEMAS[schema]}`,
    entry: `${stack}/${entry}`,
    schema,
    ours: entry === 'lambent',
    variants: variants.includes(schema),
  }))
}

const one = (stack: StackName, entry: string, name: string, variants = false): Contender => ({
  stack,
  name,
  entry: `${stack}/${entry}`,
  ours: entry === 'lambent' || stack === 'packages',
  variants,
})

export const bare: Contender = one('bare', 'by-hand', 'bare handler', true)

export const contenders: readonly Contender[] = [
  ...each('http', 'by-hand', 'by hand', ALL, ['zod-namespace', 'valibot']),
  ...each('http', 'lambent', 'Lambent', ALL, ['zod-namespace', 'valibot']),
  ...each('http', 'middy', 'middy', ALL, ['zod-namespace']),
  ...each('http', 'middy-powertools', 'middy + Powertools parser', ['zod']),
  ...each('http', 'powertools', 'Powertools router', ['zod-namespace', 'zod-mini']),
  ...each('http', 'hono', 'hono', ['zod-namespace', 'zod-mini'], ['zod-namespace']),
  ...each('http', 'lambda-api', 'lambda-api', ['zod-namespace', 'zod-mini']),
  ...each('http', 'lambda-middleware', '@lambda-middleware', ['zod-namespace', 'zod-mini']),
  one('http', 'effect-aws', '@effect-aws/lambda · its own schema'),
  ...each('sqs', 'by-hand', 'by hand', ['zod-namespace', 'zod-mini']),
  ...each('sqs', 'lambent', 'Lambent', ['zod-namespace', 'zod-mini']),
  ...each('sqs', 'middy', 'middy', ['zod-namespace', 'zod-mini']),
  ...each('sqs', 'powertools', 'Powertools batch', ['zod-namespace', 'zod-mini']),
  ...each('sqs', 'powertools-parser', 'Powertools batch, its parser', ['zod']),
  one('aws-call', 'post', 'one unsigned POST (the floor)'),
  one('aws-call', 'lambent', 'Lambent: @lambent/aws'),
  one('aws-call', 'sdk', 'AWS SDK v3'),
  one('aws-call', 'lib-dynamodb', 'AWS SDK v3, lib-dynamodb'),
  ...each('full', 'floor', 'the same calls, unsigned POSTs (the floor)', ['zod-mini'], ['zod-mini']),
  ...each('full', 'floor-powertools', 'the floor, and Powertools’ logger and metrics', ['zod-mini'], ['zod-mini']),
  ...each('full', 'lambent', 'Lambent', ALL, ['zod', 'zod-mini']),
  ...each('full', 'sdk', 'by hand, AWS SDK v3', ['zod', 'zod-namespace', 'zod-mini'], ['zod-mini']),
  ...each('full', 'powertools', 'Powertools', ['zod-mini']),
  ...each('full', 'middy-powertools', 'middy + Powertools', ['zod', 'zod-namespace', 'zod-mini'], ['zod', 'zod-mini']),
  one('packages', 'core', '@lambent/core'),
  one('packages', 'http', '@lambent/http'),
  one('packages', 'events', '@lambent/events: sqs'),
  one('packages', 'schema', '… and @lambent/schema: parse, json'),
  one('packages', 'retry', '… and @lambent/retry: retry'),
  one('packages', 'dead-letter', '… and @lambent/dead-letter: sqsQueue, no failure'),
  one('packages', 'idempotency-in-memory', '… and @lambent/idempotency: memoryStore'),
  one('packages', 'idempotency', '… and @lambent/idempotency: dynamoDbStore, two calls'),
  one('packages', 'secrets', '… and @lambent/secrets: a secret, one call'),
  one('packages', 'logger', '… and @lambent/powertools: logger, a line'),
  one('packages', 'metrics', '… and @lambent/powertools: metrics, a metric'),
]

export const STACK_TITLES: Readonly<Record<StackName, string>> = {
  bare: 'bare',
  http: 'HTTP: parse and validate',
  sqs: 'SQS: a batch of ten, two of them bad',
  'aws-call': 'one AWS call: PutItem',
  full: 'full: logger, metrics, parse and validate, secrets, idempotency on DynamoDB, dead letter',
  packages: "Lambent's packages, each by itself",
}
