import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { bodyOf, parseErrorOf } from '../test/source.ts'
import { dynamoDb, eventBridge } from './index.ts'

const event = (detail: unknown) => ({
  version: '0',
  id: 'e-1',
  'detail-type': 'Order Placed',
  source: 'shop.orders',
  account: '123456789012',
  time: '2026-11-23T10:00:00Z',
  region: 'eu-central-1',
  resources: [],
  detail,
})

describe('eventBridge', () => {
  it('gives any detail back, from the body of an SQS message and from an event', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.jsonValue()), async detail => {
        const text = JSON.stringify(event(detail))
        fc.pre(!text.includes('__proto__') && !text.includes('constructor'))
        for (const raw of [text, JSON.parse(text)])
          expect(await bodyOf(eventBridge(z.unknown()), raw)).toEqual(JSON.parse(text).detail)
      }),
    )
  })

  it('validates the detail by a schema, or decodes it by a codec', async () => {
    const Placed = z.object({ orderId: z.string().transform(id => id.length) })
    expect(await bodyOf(eventBridge(Placed), JSON.stringify(event({ orderId: 'abc' })))).toEqual({ orderId: 3 })
    expect(await bodyOf(eventBridge(dynamoDb(z.unknown())), event({ a: { S: 'x' } }))).toEqual({ a: 'x' })
    const error = await parseErrorOf(bodyOf(eventBridge(Placed), event({})))
    expect(error.message).toContain('body.detail: does not match its schema: /orderId')
  })

  it('does not let a detail pollute prototypes', async () => {
    const raw = JSON.stringify(event('@')).replace('"@"', '{"__proto__":{"admin":true}}')
    for (const each of [raw, JSON.parse(raw) as object])
      expect(Object.getOwnPropertyNames(await bodyOf(eventBridge(z.custom<object>()), each))).toEqual([])
  })

  it.each(['{}', '{"source":"a","detail":{}}', '{"source":"a","detail-type":"b"}'])('is no event: %s', async raw => {
    const error = await parseErrorOf(bodyOf(eventBridge(z.unknown()), raw))
    expect(error.code).toBe('MalformedEnvelope')
    expect(error.message).toBe('body: expected an EventBridge event: it lacks source, detail-type or detail')
  })
})
