// One of the processes of the linearizability test: runs units on random keys until it is killed.
import { request } from 'node:http'
import { DynamoDB } from '@lambent/aws/dynamodb'
import { type LambdaContext, pipeline, type SourceTypes } from '@lambent/core'
import { dynamoDbStore, idempotent } from '../src/index.ts'

const [endpoint = '', effects = '', keys = '', lock = ''] = process.argv.slice(2)

interface Types extends SourceTypes {
  readonly event: string
  readonly context: { readonly event: string; readonly lockedUntil: number }
}

const handler = pipeline<Types>({
  name: 'test',
  open: (event, lambda) => ({
    event: event as string,
    lockedUntil: Date.now() + lambda.getRemainingTimeInMillis(),
    unit: { kind: 'invocation', source: 'test', id: '1', raw: event as string },
  }),
  respond: value => value,
})
  .use((ctx, next) => {
    ctx.telemetry.subscribe(() => {}) // the parent reads outcomes
    return next()
  })
  .use(
    idempotent({
      store: dynamoDbStore({
        tableName: 'linear',
        client: new DynamoDB({
          endpoint,
          region: 'eu-west-1',
          credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
        }),
      }),
      key: ({ event }) => event,
    }),
  )
  .handle(({ event }) => effect(event))

/** Applies the effect of a key: a line in the parent's log. Gives its number. */
function effect(key: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(`${effects}/${key}?began=${began}`, { method: 'POST' }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', chunk => {
        text += chunk
      })
      response.on('end', () => resolve(text))
    })
    sent.on('error', reject)
    sent.end()
  })
}

let began = 0 // when the unit that runs began: its lock ends `lock` ms after that, at the earliest
async function one(key: string): Promise<void> {
  began = Date.now()
  const lambda = { functionName: 'f', getRemainingTimeInMillis: () => Number(lock) } as LambdaContext
  try {
    process.send?.({ key, value: await handler(key, lambda) })
  } catch (error) {
    process.send?.({ key, error: (error as Error).name, message: (error as Error).message })
  }
}

// Keys that the parent asks for, one after the other.
let last: Promise<void> = Promise.resolve()
process.on('message', (key: string) => {
  last = last.then(() => one(key))
})
process.on('disconnect', () => process.exit())

// All ask for the same few keys at a time, and go on to new ones together.
if (keys !== '0')
  for (;;) await one(`k${(Math.floor(Date.now() / 200) % 10_000) * 8 + Math.floor(Math.random() * Number(keys))}`)
