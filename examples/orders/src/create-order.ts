// API Gateway (REST and HTTP API), function URL or load balancer: POST /orders.
import { http } from '@lambent/http'
import { json, parse, response } from '@lambent/schema'
import * as z from 'zod'
import { Order, total } from './schemas.ts'

const Created = z.object({ orderId: z.uuid(), total: z.int(), currency: z.string() })

export const handler = http()
  .use(response({ 201: Created }))
  .use(parse(json(Order)))
  .handle(({ body }) => ({
    status: 201,
    headers: { location: `/orders/${body.orderId}` },
    body: { ...body, total: total(body) }, // the schema of the response lets only its own fields out
  }))
