// A middleware of one's own: a request must be signed by the partner. 20 lines, of the shape that all have.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Middleware } from '@lambent/core'
import { type HttpContext, UnauthorizedError } from '@lambent/http'

const MAX_AGE = 300 // s: an old request is a replay

/** What earlier middlewares have to provide: the request, and the key. */
interface Needs extends HttpContext {
  readonly secrets: { readonly partner: { readonly key: string } }
}

/**
 * Checks `x-signature: t=<epoch s>,v1=<HMAC-SHA256 of "<t>.<body>" in hex>` on the bytes as they came.
 * @throws {UnauthorizedError} which says no more than that it is not valid
 */
export const signed: Middleware<Needs> = async function signed({ request, secrets }, next) {
  const [, time = '', signature = ''] =
    /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(request.header('x-signature') ?? '') ?? []
  const expected = createHmac('sha256', secrets.partner.key).update(`${time}.`).update(request.body).digest()
  const given = Buffer.from(signature.padEnd(64, '0'), 'hex')
  // In the same time whatever differs; and of what was signed long ago nothing.
  if (!timingSafeEqual(expected, given) || Math.abs(Date.now() / 1000 - Number(time)) > MAX_AGE)
    throw new UnauthorizedError('the signature is not valid')
  return next()
}
