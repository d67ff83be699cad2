import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'
import { validator } from 'hono/validator'
import { validate } from '#order'
import { units } from '../order/units.ts'

const app = new Hono()
const order = validator('json', (value, c) => {
  try {
    return validate(value)
  } catch {
    return c.json({ title: 'Unprocessable Content' }, 422)
  }
})
app.post('/orders', order, c => {
  const body = c.req.valid('json')
  return c.json({ orderId: body.orderId, units: units(body) }, 201)
})

// It is of length 2 at run time too.
export const handler = handle(app)
