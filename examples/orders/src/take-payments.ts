// SQS: payments to take. A message that fails is reported alone, and the others are done.
import { sqs } from '@lambent/events/sqs'
import { json, parse } from '@lambent/schema'
import { Payment } from './schemas.ts'

export const handler = sqs()
  .each()
  .use(parse(json(Payment)))
  .handle(({ body, message }) => {
    console.info(JSON.stringify({ taken: body.paymentId, cents: body.amount, delivery: message.receiveCount }))
  })
