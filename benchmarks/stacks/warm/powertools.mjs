import { Router } from '@aws-lambda-powertools/event-handler/http'

const quiet = { error() {}, warn() {}, debug() {} }

export function overHttp(count) {
  const app = new Router({ logger: quiet })
  for (let i = 0; i < count; i++)
    app.use(async ({ reqCtx, next }) => {
      reqCtx.set(`key${i}`, 1)
      await next()
    })
  app.post('/orders', reqCtx => ({
    statusCode: 201,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ value: reqCtx.get(`key${count - 1}`) ?? 1 }),
  }))
  return (event, context) => app.resolve(event, context)
}
