// Either client against emulators that are npm packages: dynalite for DynamoDB, fauxqs for SQS, SNS and S3.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import dynalite from 'dynalite'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as own from '../../src/index.ts'
import * as scenarios from './scenarios.ts'
import * as sdk from './sdk.ts'
import { comparable } from './transcript.ts'

const common = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
const table = {
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' as const }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' as const }],
  BillingMode: 'PAY_PER_REQUEST' as const,
}

let dynamo: ReturnType<typeof dynalite>
let faux: FauxqsServer
let endpoints: { readonly dynamodb: string; readonly faux: string }

beforeAll(async () => {
  dynamo = dynalite({ createTableMs: 0 })
  await once(dynamo.listen(0, '127.0.0.1'), 'listening')
  faux = await startFauxqs({ port: 0, logger: false })
  const { port } = dynamo.address() as AddressInfo
  endpoints = { dynamodb: `http://127.0.0.1:${port}`, faux: `http://127.0.0.1:${faux.port}` }
})
afterAll(async () => {
  dynamo.close()
  await faux.stop()
})

describe('DynamoDB', () => {
  it('says to either client the same', async () => {
    const config = { ...common, endpoint: endpoints.dynamodb }
    const [small, large] = [new own.DynamoDB(config), new sdk.DynamoDB(config)]
    for (const TableName of ['of-the-small', 'of-the-sdk']) await large.createTable({ TableName, ...table })
    const said = await scenarios.dynamoDb(small, 'of-the-small')
    expect(said).toEqual(await scenarios.dynamoDb(large, 'of-the-sdk'))
    expect(said.map(({ error }) => (error as { name?: string } | undefined)?.name)).toEqual([
      ...[undefined, undefined, 'ConditionalCheckFailedException', 'ConditionalCheckFailedException'],
      ...[undefined, undefined, undefined, undefined, undefined, 'ConditionalCheckFailedException'],
      ...['ResourceNotFoundException', 'ValidationException'],
    ])
    expect(said[4]).toMatchObject({ output: { Item: { b: { B: { bytes: '0001feff' } } } } })
    expect(said[6]).toMatchObject({ output: { Attributes: { n: { N: '2' } } } })
  })
})

describe('SQS', () => {
  it('says to either client the same', async () => {
    const config = { ...common, endpoint: endpoints.faux }
    const [small, large] = [new own.SQS(config), new sdk.SQS(config)]
    const urls = await Promise.all(['small', 'sdk'].map(async QueueName => large.createQueue({ QueueName })))
    const said = await scenarios.sqs(small, urls[0]?.QueueUrl ?? '')
    expect(said).toEqual(await scenarios.sqs(large, urls[1]?.QueueUrl ?? ''))
    expect(said[3]).toMatchObject({ output: { Messages: [{ Body: '{"é":"<&>"}' }] } })
    expect(said[2]).toMatchObject({ error: { $fault: 'client', status: 400 } })
  })
})

describe('SNS', () => {
  it('says to either client the same', async () => {
    const config = { ...common, endpoint: endpoints.faux }
    const [small, large] = [new own.SNS(config), new sdk.SNS(config)]
    const { TopicArn = '' } = await large.createTopic({ Name: 'topic' })
    const said = await scenarios.sns(small, TopicArn)
    expect(said).toEqual(await scenarios.sns(large, TopicArn))
    expect(said[1]).toMatchObject({ output: { Successful: [{ Id: 'a' }, { Id: 'b' }], Failed: [] } })
    expect(said[2]).toMatchObject({ error: { name: 'NotFoundException', status: 404 } })
  })
})

describe('S3', () => {
  it('says to either client the same', async () => {
    const config = { ...common, endpoint: endpoints.faux, forcePathStyle: true }
    const [small, large] = [new own.S3(config), new sdk.S3(config)]
    for (const Bucket of ['of-the-small', 'of-the-sdk']) await large.createBucket({ Bucket })
    const said = await scenarios.s3(small, 'of-the-small')
    expect(said.map(comparable)).toEqual((await scenarios.s3(large, 'of-the-sdk')).map(comparable))
    expect(said[1]).toMatchObject({ output: { text: 'héllo', Metadata: { one: '1', two: 'x y' } } })
    expect(said[6]).toMatchObject({ error: { name: 'NoSuchKey', status: 404 } })
    expect(said[7]).toMatchObject({ error: { name: 'NotFound', status: 404 } })
  })
})
