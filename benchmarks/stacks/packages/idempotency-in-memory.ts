import { sqs } from '@lambent/events/sqs'
import { idempotent, memoryStore } from '@lambent/idempotency'

export const handler = sqs()
  .each()
  .use(idempotent({ store: memoryStore({ onLambda: true }), key: ({ message }) => message.body }))
  .handle(() => {})
