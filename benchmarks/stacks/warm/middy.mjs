import middy from '@middy/core'
import { written } from './written.mjs'

const sync = key => written(`request => { request.context.${key} = 1 }`)
const asynchronous = key => written(`async request => { request.context.${key} = 1 }`)
const chain = (hook, count, options) => {
  const built = middy(options)
  for (let i = 0; i < count; i++) built.use({ before: hook(`key${i}`) })
  return built
}
const last = count => `context.key${Math.max(0, count - 1)} ?? 1`
const handler = count => written(`async (_event, context) => ${last(count)}`)

export const plain = count => chain(sync, count).handler(handler(count))
export const plainAsync = count => chain(asynchronous, count).handler(handler(count))
/** Without its timer for what ends too early, which is on by default. */
export const withoutTimeout = count => chain(sync, count, { timeoutEarlyInMillis: 0 }).handler(handler(count))
export const overHttp = count =>
  chain(sync, count).handler(
    written(`async (_event, context) => ({
      statusCode: 201,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ value: ${last(count)} }),
    })`),
  )
