// The handlers on the events of the folder `events`, in this process. `npm run demo` in the repository runs them under
// Lambda's Runtime API.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { invoke } from '@lambent/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { handler as createOrder } from '../src/create-order.ts'
import { handler as followOrders } from '../src/follow-orders.ts'
import { handler as notify } from '../src/notify.ts'
import { handler as readInvoices } from '../src/read-invoices.ts'
import { handler as takePayments } from '../src/take-payments.ts'

const event = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, '../events', `${name}.json`), 'utf8'))

let lines: unknown[]
beforeEach(() => {
  lines = []
  vi.spyOn(console, 'info').mockImplementation(line => void lines.push(JSON.parse(line)))
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(() => vi.restoreAllMocks())

it('creates an order, and lets only the fields of the response out', async () => {
  const result = await invoke(createOrder, event('http-create-order'))
  expect(result).toMatchObject({
    statusCode: 201,
    headers: { location: '/orders/6f1c2b1e-8d4a-4c37-9a51-0d2f7c9be410' },
  })
  expect(JSON.parse(result?.body ?? '')).toEqual({
    orderId: '6f1c2b1e-8d4a-4c37-9a51-0d2f7c9be410',
    total: 3998,
    currency: 'EUR',
  })
})

it('says what is wrong with an order, and where', async () => {
  const result = await invoke(createOrder, event('http-invalid-order'))
  expect(result).toMatchObject({ statusCode: 422, headers: { 'content-type': 'application/problem+json' } })
  const { issues } = JSON.parse(result?.body ?? '')
  expect(issues.map(({ path }: { path: string }) => path).sort()).toEqual(['/items/0/quantity', '/items/0/sku'])
})

it('takes the good payments of a batch and reports the malformed one', async () => {
  expect(await invoke(takePayments, event('sqs-payments'))).toEqual({
    batchItemFailures: [{ itemIdentifier: '2e8b6d4f-3c5a-4f7b-8d9e-1a2f3e4d5c6b' }],
  })
  expect(lines).toMatchObject([{ taken: 'pay-7001' }, { taken: 'pay-7003' }])
})

it('keeps the order of a FIFO group: after a failure its later messages wait', async () => {
  const result = await invoke(takePayments, event('sqs-fifo-payments'))
  expect(result?.batchItemFailures).toHaveLength(2)
  expect(lines).toMatchObject([{ taken: 'pay-7102' }, { taken: 'pay-7104' }])
})

it('reads invoices by their decoded keys', async () => {
  await invoke(readInvoices, event('s3-uploads'))
  expect(lines).toMatchObject([
    { invoice: 'invoices/2026/café menu(1).pdf' },
    { invoice: 'invoices/2026/inv-1042 & copy.pdf' },
  ])
})

it('follows orders, and stops at the first record that does not fit', async () => {
  expect(await invoke(followOrders, event('dynamodb-orders'))).toEqual({ batchItemFailures: [] })
  expect(lines).toHaveLength(3)
  const bad = event('dynamodb-bad')
  expect(await invoke(followOrders, bad)).toEqual({
    batchItemFailures: [{ itemIdentifier: bad.Records[1].dynamodb.SequenceNumber }],
  })
  expect(lines).toHaveLength(4)
})

it('tells the customer of an order, and fails on a detail that does not fit', async () => {
  await invoke(notify, event('eventbridge-order-placed'))
  expect(lines).toMatchObject([{ told: 'c-1042', cents: 3998 }])
  await expect(invoke(notify, event('eventbridge-bad-detail'))).rejects.toThrow(/orderId/)
})
