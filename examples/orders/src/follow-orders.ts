// DynamoDB Streams: what happens to orders.
import { dynamoDbStream } from '@lambent/events/dynamodb-streams'
import { dynamoDb, parse } from '@lambent/schema'
import { StoredOrder } from './schemas.ts'

export const handler = dynamoDbStream()
  .each()
  .use(parse(dynamoDb(StoredOrder)))
  .handle(({ body, change }) => {
    switch (change.eventName) {
      case 'INSERT':
        return console.info(JSON.stringify({ placed: body.orderId, ledger: String(change.newImage.ledgerId) }))
      case 'MODIFY':
        return console.info(JSON.stringify({ moved: body.orderId, from: change.oldImage.status, to: body.status }))
      case 'REMOVE':
        return console.info(JSON.stringify({ removed: body.orderId }))
    }
  })
