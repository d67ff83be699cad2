import { deadLetter, sqsQueue } from '@lambent/dead-letter'
import { sqs } from '@lambent/events/sqs'

export const handler = sqs()
  .each()
  .use(deadLetter({ to: sqsQueue(process.env.DLQ_URL) }))
  .handle(() => {})
