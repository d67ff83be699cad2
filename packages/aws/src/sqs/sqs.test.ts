// A redrive, which no emulator here has: a server that answers as the API reference says, for either client.
import { SQS as SdkSQS } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FaultServer, faultServer, json, silent } from '../../test/fault-server.ts'
import { SQS } from './index.ts'

let server: FaultServer
beforeAll(async () => {
  server = await faultServer()
})
afterAll(() => server.close())

const input = { SourceArn: 'arn:aws:sqs:eu-west-1:1:dlq', MaxNumberOfMessagesPerSecond: 500 }

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
it.each([
  ['@lambent/aws', SQS],
  ['the AWS SDK', SdkSQS],
])('startMessageMoveTask() by %s', async (_name, Client) => {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const client = new Client({ region: 'eu-west-1', endpoint: server.endpoint, credentials })
  server.answer(json({ TaskHandle: 'handle' }))
  expect((await client.startMessageMoveTask(input)).TaskHandle).toBe('handle')
  expect(server.seen[0]?.headers['x-amz-target']).toBe('AmazonSQS.StartMessageMoveTask')
  expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual(input)
  const none = { __type: 'com.amazonaws.sqs#ResourceNotFoundException', message: 'The resource does not exist.' }
  server.answer(json(none, 404))
  await expect(client.startMessageMoveTask(input)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'The resource does not exist.',
    $fault: 'client',
  })
})

it('receiveMessage() has the client’s time, and that which it waits', async () => {
  server.answer(silent)
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const sqs = new SQS({
    region: 'eu-west-1',
    endpoint: server.endpoint,
    credentials,
    requestTimeout: 20,
    maxAttempts: 1,
  })
  const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/1/queue'
  const message = (ms: number) => `SQS ReceiveMessage: no answer within ${ms} ms`
  await expect(sqs.receiveMessage({ QueueUrl })).rejects.toThrow(message(20))
  await expect(sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 1 })).rejects.toThrow(message(1020))
})
