// Holds the app to template.yaml: who deploys by one gets what the other would have made.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { PaymentsWorker } from './payments-worker.ts'

const sam = readFileSync(join(import.meta.dirname, '../template.yaml'), 'utf8')
const template = Template.fromStack(new PaymentsWorker(new App(), 'test', { providerUrl: 'https://psp.example.com' }))
const propertiesOf = (type: string) => Object.values(template.findResources(type)).map(({ Properties }) => Properties)
const all = (pattern: RegExp) => [...new Set([...sam.matchAll(pattern)].map(([, found]) => found))].sort()

test('the function may do the same', () => {
  const [policy] = propertiesOf('AWS::IAM::Policy')
  const allowed = policy.PolicyDocument.Statement.flatMap(
    (statement: { Action: string | string[] }) => statement.Action,
  )
  assert.deepEqual(allowed.sort(), all(/\b((?:dynamodb|kms|logs|sqs|xray):[A-Z]\w+)/g))
  assert.deepEqual(
    propertiesOf('AWS::IAM::Role').map(({ ManagedPolicyArns }) => ManagedPolicyArns),
    [undefined],
  )
})

test('queues, mapping and function are set up the same', () => {
  const [dlq, queue] = propertiesOf('AWS::SQS::Queue').sort(
    (a, b) => (a.VisibilityTimeout ?? 0) - (b.VisibilityTimeout ?? 0),
  )
  const given = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(sam)?.[1])
  assert.equal(queue.VisibilityTimeout, given('VisibilityTimeout'))
  assert.equal(queue.RedrivePolicy.maxReceiveCount, given('maxReceiveCount'))
  assert.deepEqual([dlq.FifoQueue, dlq.MessageRetentionPeriod], [true, given('MessageRetentionPeriod')])
  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    BatchSize: given('BatchSize'),
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ScalingConfig: { MaximumConcurrency: given('MaximumConcurrency') },
  })
  template.hasResourceProperties('AWS::Lambda::Function', {
    Architectures: ['arm64'],
    Handler: 'take-payments.handler',
    MemorySize: given('MemorySize'),
    ReservedConcurrentExecutions: given('ReservedConcurrentExecutions'),
    Runtime: 'nodejs24.x',
    Timeout: given('Timeout'),
    TracingConfig: { Mode: 'Active' },
  })
  const [{ Environment }] = propertiesOf('AWS::Lambda::Function')
  assert.deepEqual(Object.keys(Environment.Variables).sort(), all(/^ {8,10}([A-Z_]+): /gm))
})

test('the same alarms, at the same thresholds', () => {
  const alarms = propertiesOf('AWS::CloudWatch::Alarm').map(({ MetricName, Threshold }) => `${MetricName} ${Threshold}`)
  const expected = [...sam.matchAll(/MetricName: (\w+).*?Threshold: (\d+)/gs)].map(([, name, at]) => `${name} ${at}`)
  assert.deepEqual(alarms.sort(), expected.sort())
})
