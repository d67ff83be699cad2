import { sqs } from '@lambent/events/sqs'
import { dynamoDbStore, idempotent } from '@lambent/idempotency'

export const handler = sqs()
  .each()
  .use(idempotent({ store: dynamoDbStore({ tableName: 'idempotency' }), key: ({ message }) => message.body }))
  .handle(() => {})
