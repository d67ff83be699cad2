import { sqs } from '@lambent/events/sqs'
import { logger } from '@lambent/powertools/logger'

export const handler = sqs()
  .each()
  .use(logger({ serviceName: 'orders' }))
  .handle(({ log }) => log.info('taken'))
