import { sqs } from '@lambent/events/sqs'

export const handler = sqs()
  .each()
  .handle(() => {})
