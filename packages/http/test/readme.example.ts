// The example of the README, with the type that exports have written out in this repository; a test holds them together.
import { ConflictError, type HttpHandler, http, NotFoundError } from '@lambent/http'

const orders = new Map([['17', { id: '17', paid: false }]])

export const handler: HttpHandler = http({ headers: { 'cache-control': 'no-store' } }).handle(({ request }) => {
  const order = orders.get(request.params.id ?? '')
  if (!order) throw new NotFoundError('no such order')
  if (request.method === 'GET') return order
  if (order.paid) throw new ConflictError('the order is paid already', { extensions: { paid: true } })
  order.paid = true
  return { status: 201, headers: { location: `/orders/${order.id}/payment` }, body: order }
})
