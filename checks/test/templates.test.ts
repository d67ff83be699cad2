// The templates of the examples: each function may do what it does and nothing else, and what is configured fits together.
// cfn-lint knows what CloudFormation takes; here is what it can't know.
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as aws from '@lambent/aws'
import type { Handler } from '@lambent/core'
import { build } from 'esbuild'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'

interface Resource {
  readonly Type: string
  // biome-ignore lint/suspicious/noExplicitAny: a template is what it is
  readonly Properties: any
}
interface Lambda {
  readonly id: string
  readonly events: readonly Resource[]
  readonly variables: Readonly<Record<string, string>>
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly [property: string]: any
}
interface Statement {
  readonly Action: string | readonly string[]
  readonly Resource: string
}

const root = join(import.meta.dirname, '../../examples')
// `orders` is what the demo runs: its template is the shortest that works.
const examples = globSync('*/template.yaml', { cwd: root })
  .map(dirname)
  .filter(name => name !== 'orders')

/** What Lambda and CloudWatch ask of the role of any function, and what polling asks. */
const EVERY = ['kms:Decrypt', 'logs:CreateLogStream', 'logs:PutLogEvents']
const TRACES = ['xray:PutTelemetryRecords', 'xray:PutTraceSegments']
const POLLING: Readonly<Record<string, readonly string[]>> = {
  SQS: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
  DynamoDB: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
}
/** These know no resource that is smaller. */
const WHOLE = [...TRACES, 'dynamodb:ListStreams']
/** With several secrets, and then it may be refused: they are fetched one by one. */
const OPTIONAL = ['secretsmanager:BatchGetSecretValue']

const CLIENTS = {
  dynamodb: aws.DynamoDB,
  eventbridge: aws.EventBridge,
  s3: aws.S3,
  sns: aws.SNS,
  sqs: aws.SQS,
} as const

const list = <T>(value: T | readonly T[] = []): readonly T[] => (Array.isArray(value) ? value : [value as T])

function templateOf(name: string) {
  // Of `!GetAtt Queue.Arn` what remains is 'Queue.Arn': enough to compare.
  const template = parse(readFileSync(join(root, name, 'template.yaml'), 'utf8'), { logLevel: 'silent' })
  const resources: Readonly<Record<string, Resource>> = template.Resources
  const of = (type: string) => Object.entries(resources).filter(([, { Type }]) => Type === type)
  const globals = template.Globals.Function
  const functions = of('AWS::Serverless::Function').map(
    ([id, { Properties }]): Lambda => ({
      ...globals,
      ...Properties,
      id,
      events: Object.values(Properties.Events ?? {}),
      variables: { ...globals.Environment.Variables, ...Properties.Environment?.Variables },
    }),
  )
  return { resources, of, functions, service: globals.Environment.Variables.POWERTOOLS_SERVICE_NAME as string }
}

function statementsOf(resources: Readonly<Record<string, Resource>>, role: string): readonly Statement[] {
  const { Properties } = resources[role.replace(/\.Arn$/, '')] as Resource
  expect(Properties.ManagedPolicyArns).toBeUndefined()
  return Properties.Policies.flatMap(({ PolicyDocument }: never) => (PolicyDocument as { Statement: never }).Statement)
}

/** The source of a handler and of what it imports from its own folder, without what it doesn't use. */
async function sourceOf(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

/** The actions of the clients that a handler calls by itself, beside its middlewares. */
function ownActions(source: string): readonly string[] {
  return Object.entries(CLIENTS).flatMap(([service, client]) => {
    if (!new RegExp(`new ${client.name}\\(`).test(source)) return []
    const methods = Object.getOwnPropertyNames(new client()).concat(Object.getOwnPropertyNames(client.prototype))
    const called = methods.filter(method => new RegExp(`\\.${method}\\(`).test(source))
    return aws.permission(service as 'dynamodb', called as never).actions
  })
}

afterEach(() => vi.unstubAllEnvs())

describe.each(examples)('%s', name => {
  const { resources, of, functions, service } = templateOf(name)

  it.each(functions.map(each => [each.id, each] as const))('%s may do what it does', async (_, lambda) => {
    for (const [key, value] of Object.entries(lambda.variables))
      vi.stubEnv(key, /_URL$/.test(key) ? `https://sqs.eu-west-1.amazonaws.com/123456789012/${value}` : `${value}`)
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    const file = join(root, name, 'src', `${basename(lambda.Handler, '.handler')}.ts`)
    const { handler } = (await import(file)) as { readonly handler: Handler<unknown, unknown> }
    const fails = [lambda.EventInvokeConfig, ...lambda.events.map(each => each.Properties)]
    const toQueue = fails.some(each => each?.DestinationConfig?.OnFailure?.Type === 'SQS')
    const needed = [
      ...EVERY,
      ...TRACES,
      ...lambda.events.flatMap(each => POLLING[each.Type] ?? []),
      ...handler.permissions.flatMap(({ actions }) => actions).filter(action => !OPTIONAL.includes(action)),
      ...ownActions(await sourceOf(file)),
      ...(toQueue ? ['sqs:SendMessage'] : []),
    ]
    const statements = statementsOf(resources, lambda.Role)
    const allowed = statements.flatMap(({ Action }) => list(Action))
    expect([...new Set(allowed)].sort()).toEqual([...new Set(needed)].sort())
    expect(allowed.filter(action => action.includes('*'))).toEqual([])
    const wide = statements.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => list(Action))
    expect(wide.filter(action => !WHOLE.includes(action))).toEqual([])
  })

  it.each(functions.map(each => [each.id, each] as const))('%s is set up as AWS advises', (id, lambda) => {
    expect(lambda).toMatchObject({ Architectures: ['arm64'], Tracing: 'Active', KmsKeyArn: 'EnvironmentKey.Arn' })
    expect(resources[lambda.LoggingConfig.LogGroup]?.Properties.RetentionInDays).toBeGreaterThan(0)
    const alarms = of('AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties)
    const own = alarms.filter(({ Namespace, Dimensions }) => Namespace === 'AWS/Lambda' && Dimensions[0]?.Value === id)
    expect(own.map(({ MetricName }) => MetricName)).toEqual(expect.arrayContaining(['Errors', 'Throttles', 'Duration']))
    expect(own.find(({ MetricName }) => MetricName === 'Duration').Threshold).toBe(lambda.Timeout * 800)

    for (const { Type, Properties } of lambda.events) {
      if (['SQS', 'DynamoDB', 'Kinesis'].includes(Type))
        expect(Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures'])
      if (['S3', 'SNS', 'EventBridgeRule', 'Schedule', 'ScheduleV2'].includes(Type))
        expect(lambda.EventInvokeConfig.DestinationConfig.OnFailure.Destination).toMatch(/\.Arn$/)
      if (Type === 'DynamoDB') expect(Properties.DestinationConfig.OnFailure.Destination).toMatch(/\.Arn$/)
      if (Type !== 'SQS') continue
      const queue = resources[Properties.Queue.replace(/\.Arn$/, '')]?.Properties
      expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(6 * lambda.Timeout)
      const dlq = resources[queue.RedrivePolicy.deadLetterTargetArn.replace(/\.Arn$/, '')]?.Properties
      expect(queue.RedrivePolicy.maxReceiveCount).toBeGreaterThanOrEqual(5)
      expect(dlq.FifoQueue).toBe(queue.FifoQueue)
    }
  })

  it('every queue of failures has an alarm, and every table of state forgets', () => {
    const alarms = of('AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties)
    const watched = alarms.filter(({ MetricName }) => MetricName === 'ApproximateNumberOfMessagesVisible')
    const dlqs = of('AWS::SQS::Queue').filter(([, { Properties }]) => !Properties.RedrivePolicy)
    for (const [id, { Properties }] of dlqs) {
      expect(watched.map(({ Dimensions }) => Dimensions[0].Value)).toContain(`${id}.QueueName`)
      expect(Properties.MessageRetentionPeriod).toBe(1_209_600)
    }
    const state = of('AWS::DynamoDB::Table').filter(([id]) => /^(Idempotency|State)$/.test(id))
    for (const [, { Properties }] of state)
      expect(Properties.TimeToLiveSpecification).toEqual({ AttributeName: 'expiration', Enabled: true })
  })

  it('alarms on metrics of Lambent name one that there is, by the dimensions that it has', () => {
    const published = readFileSync(join(root, '../packages/powertools/src/framework-metrics.ts'), 'utf8')
    const ours = of('AWS::CloudWatch::Alarm')
      .flatMap(([, { Properties }]) => [
        Properties,
        // biome-ignore lint/suspicious/noExplicitAny: as above
        ...list<any>(Properties.Metrics).map(({ MetricStat }) => MetricStat?.Metric ?? {}),
      ])
      .filter(({ Namespace }) => Namespace === 'Shop')
    expect(ours.length).toBeGreaterThan(0)
    for (const { MetricName, Dimensions } of ours) {
      expect(published).toContain(`'${MetricName}'`)
      expect(Dimensions[0]).toEqual({ Name: 'service', Value: service })
      expect(Dimensions[1].Name).toBe('function_name')
      expect(functions.map(({ id }) => id)).toContain(Dimensions[1].Value)
      expect(Dimensions).toHaveLength(2)
    }
  })
})
