import { sqs } from '@lambent/events/sqs'
import { retry } from '@lambent/retry'

export const handler = sqs()
  .each()
  .use(retry({ attempts: 3 }))
  .handle(() => {})
