import { sqs } from '@lambent/events/sqs'
import { dynamoDbStore, idempotent } from '@lambent/idempotency'

export const handler = sqs()
  .each()
  .use(
    idempotent({
      store: dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? 'idempotency' }),
      key: ({ message }) => message.body,
    }),
  )
  .handle(() => {})
