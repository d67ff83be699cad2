import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'

export function overHttp(count) {
  const app = new Hono()
  for (let i = 0; i < count; i++)
    app.use(async (c, next) => {
      c.set(`key${i}`, 1)
      await next()
    })
  app.post('/orders', c => c.json({ value: c.get(`key${count - 1}`) ?? 1 }, 201))
  return handle(app)
}
