// POST /orders: once for an Idempotency-Key, however often a client sends it.
import { createHmac, randomUUID } from 'node:crypto'
import { http } from '@lambent/http'
import { dynamoDbStore, idempotencyKeyHeader, idempotent } from '@lambent/idempotency'
import { logger, metrics } from '@lambent/powertools'
import { json, parse, response } from '@lambent/schema'
import { secret, secrets } from '@lambent/secrets'
import * as z from 'zod'
import { variable } from './environment.ts'
import { db, itemOf, NewOrder, TableName } from './orders.ts'

const Created = z.object({ orderId: z.uuid(), cents: z.int(), paymentLink: z.url() })

export const handler = http()
  .use(metrics())
  .use(logger())
  .use(secrets({ links: secret(variable('LINKS_SECRET'), { schema: z.object({ key: z.string().min(16) }) }) }))
  // Around all that may answer: a repeat gets the first answer, byte for byte. What fails frees the key.
  .use(idempotent({ store: dynamoDbStore({ tableName: variable('IDEMPOTENCY_TABLE') }), ...idempotencyKeyHeader() }))
  .use(response({ 201: Created }))
  .use(parse(json(NewOrder)))
  .handle(async ({ body, secrets, log, metrics, signal }) => {
    const orderId = randomUUID()
    const cents = body.items.reduce((sum, item) => sum + item.cents * item.quantity, 0)
    const order = { ...body, orderId, cents, status: 'placed' as const, placedAt: new Date().toISOString() }
    await db.putItem({ TableName, Item: itemOf(order) }, { abortSignal: signal })
    log.info('order placed', { orderId, cents })
    metrics.addMetric('OrdersPlaced', 'Count', 1)
    const signature = createHmac('sha256', secrets.links.key).update(orderId).digest('base64url')
    return {
      status: 201,
      headers: { location: `/orders/${orderId}` },
      body: { orderId, cents, paymentLink: `https://pay.example.com/${orderId}?signature=${signature}` },
    }
  })
