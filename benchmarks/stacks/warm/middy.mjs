import middy from '@middy/core'

const sync = key => request => {
  request.context[key] = 1
}
const asynchronous = key => async request => {
  request.context[key] = 1
}
const chain = (hook, count, options) => {
  const built = middy(options)
  for (let i = 0; i < count; i++) built.use({ before: hook(`key${i}`) })
  return built
}
const handler = count => async (_event, context) => context[`key${count - 1}`] ?? 1

export const plain = count => chain(sync, count).handler(handler(count))
export const plainAsync = count => chain(asynchronous, count).handler(handler(count))
/** Without its timer for what ends too early, which is on by default. */
export const withoutTimeout = count => chain(sync, count, { timeoutEarlyInMillis: 0 }).handler(handler(count))
export const overHttp = count =>
  chain(sync, count).handler(async (_event, context) => ({
    statusCode: 201,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ value: context[`key${count - 1}`] ?? 1 }),
  }))
