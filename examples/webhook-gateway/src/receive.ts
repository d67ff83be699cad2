// Function URL: POST by a partner. Answers 202 when the warehouse has it, and 503 with Retry-After while it is down.
import { http } from '@lambent/http'
import { dynamoDbStore, idempotent } from '@lambent/idempotency'
import { logger, metrics } from '@lambent/powertools'
import { circuitBreaker, dynamoDbCircuitStore, retry, timeout } from '@lambent/retry'
import { json, parse } from '@lambent/schema'
import { secret, secrets } from '@lambent/secrets'
import * as z from 'zod'
import { variable } from './environment.ts'
import { signed } from './signed.ts'
import { tell } from './warehouse.ts'

const warehouseUrl = variable('WAREHOUSE_URL')
const tableName = variable('STATE_TABLE') // of idempotency and circuits: their keys do not meet

const Delivery = z.object({
  deliveryId: z.string().min(1).max(100),
  orderId: z.string().min(1).max(100),
  status: z.enum(['packed', 'sent', 'returned']),
})

export const handler = http()
  .use(metrics())
  .use(logger())
  .use(secrets({ partner: secret(variable('PARTNER_SECRET'), { schema: z.object({ key: z.string().min(16) }) }) }))
  .use(signed) // before anything of the body is believed
  .use(parse(json(Delivery)))
  // Partners send again what was not answered in time: each delivery counts once.
  .use(idempotent({ store: dynamoDbStore({ tableName }), key: ({ body }) => body.deliveryId }))
  .use(retry({ attempts: 2, backoff: { base: 100 } }))
  // Known to all environments: when one finds the warehouse down, the others do not ask either.
  .use(circuitBreaker({ name: 'warehouse', store: dynamoDbCircuitStore({ tableName }), recoveryTimeout: 30_000 }))
  .use(timeout(2000)) // of each attempt
  .handle(async ({ body, log, signal }) => {
    const { deliveryId, ...shipment } = body
    await tell(warehouseUrl, shipment, signal)
    log.info('delivered', { deliveryId })
    return { status: 202 }
  })
