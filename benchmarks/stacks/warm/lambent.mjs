// Pipelines of n middlewares, each of which adds a key of its own. What has a length of its own has no type of its own.
import { pipeline } from '@lambent/core'
import { http } from '@lambent/http'
import { written } from './written.mjs'

const source = {
  name: 'bench',
  open: event => ({ event, unit: { kind: 'invocation', source: 'bench', id: '1', raw: event } }),
  respond: value => value,
}
const sync = key => written(`(_ctx, next) => next({ ${key}: 1 })`)
const asynchronous = key => written(`async (_ctx, next) => next({ ${key}: 1 })`)

const chain = (start, make, count) => {
  let built = start
  for (let i = 0; i < count; i++) built = built.use(make(`key${i}`))
  return built
}
const last = count => written(`ctx => ctx.key${Math.max(0, count - 1)} ?? 1`)

export const plain = count => chain(pipeline(source), sync, count).handle(last(count))
export const plainAsync = count => chain(pipeline(source), asynchronous, count).handle(last(count))
export const overHttp = count =>
  chain(http(), sync, count).handle(
    written(`ctx => ({ status: 201, body: { value: ctx.key${Math.max(0, count - 1)} ?? 1 } })`),
  )
