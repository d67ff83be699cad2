import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { bodyOf, parseErrorOf } from '../test/source.ts'
import { dynamoDb, json } from './index.ts'

const Any = z.custom<Record<string, unknown>>()
const Item = z.object({ pk: z.string(), total: z.number(), tags: z.set(z.string()).optional() })

const keys = { pk: { S: 'o#1' } }
const newImage = { ...keys, total: { N: '39.98' }, tags: { SS: ['a'] } }
const oldImage = { ...keys, total: { N: '10' } }
const record = {
  eventID: '1',
  eventName: 'MODIFY',
  dynamodb: {
    Keys: keys,
    NewImage: newImage,
    OldImage: oldImage,
    SequenceNumber: '111',
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  },
}

describe('dynamoDb', () => {
  it('gives an item as plain values, validated', async () => {
    expect(await bodyOf(dynamoDb(Item), newImage)).toEqual({ pk: 'o#1', total: 39.98, tags: new Set(['a']) })
  })

  it.each([
    ['its dynamodb member', record.dynamodb],
    ['the whole', record],
  ])('gives the image that is asked for of a stream record, by %s', async (_name, raw) => {
    expect(await bodyOf(dynamoDb(Item), raw)).toMatchObject({ total: 39.98 })
    expect(await bodyOf(dynamoDb(Item, { image: 'OldImage' }), raw)).toEqual({ pk: 'o#1', total: 10 })
    expect(await bodyOf(dynamoDb(Any, { image: 'Keys' }), raw)).toEqual({ pk: 'o#1' })
  })

  it('takes items whose attributes have the names of a stream record for items', async () => {
    const raw = {
      Keys: { S: 'k' },
      NewImage: { M: {} },
      SequenceNumber: { N: '1' },
      eventName: { S: 'x' },
      dynamodb: { S: '' },
    }
    expect(await bodyOf(dynamoDb(Any), raw)).toEqual({
      Keys: 'k',
      NewImage: {},
      SequenceNumber: 1,
      eventName: 'x',
      dynamodb: '',
    })
  })

  it('reads what EventBridge Pipes put into a queue', async () => {
    expect(await bodyOf(json(dynamoDb(Item)), JSON.stringify(record))).toMatchObject({ pk: 'o#1' })
  })

  it('never rounds a number: bigint beyond 2^53, or text by option', async () => {
    const raw = { big: { N: '9007199254740993' }, fraction: { N: '0.1234567890123456789' } }
    expect(await bodyOf(dynamoDb(Any), raw)).toEqual({ big: 9007199254740993n, fraction: '0.1234567890123456789' })
    expect(await bodyOf(dynamoDb(Any, { numbers: 'string' }), { n: { N: '1' } })).toEqual({ n: '1' })
  })

  it('gives texts, booleans and nesting back', async () => {
    const { value: values } = fc.letrec<{ value: unknown }>(tie => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.string(),
        fc.boolean(),
        fc.constant(null),
        fc.integer(),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.string().filter(harmless), tie('value'), { maxKeys: 3, noNullPrototype: true }),
      ),
    }))
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string().filter(harmless), values, { noNullPrototype: true }), async item => {
        expect(await bodyOf(dynamoDb(Any), marshalled(item))).toEqual(item)
      }),
    )
  })

  it('INSERT records have no OldImage, REMOVE records no NewImage: the error says so, and nothing else needs them', async () => {
    const { OldImage: _, ...insert } = record.dynamodb
    expect(await bodyOf(dynamoDb(Item), insert)).toMatchObject({ pk: 'o#1' })
    const error = await parseErrorOf(bodyOf(dynamoDb(Item, { image: 'OldImage' }), insert))
    expect(error).toMatchObject({ code: 'MissingImage', retryable: false })
    expect(error.message).toContain('body: the stream record has no OldImage: an INSERT has no OldImage')
  })

  it('REMOVE records of a stream that keeps both images give the item as it was', async () => {
    const { NewImage, ...removed } = record.dynamodb
    const both = { ...removed, OldImage: NewImage, StreamViewType: 'NEW_AND_OLD_IMAGES' }
    expect(await bodyOf(dynamoDb(Item), both)).toMatchObject({ pk: 'o#1' })
    const error = await parseErrorOf(bodyOf(dynamoDb(Item), { ...both, StreamViewType: 'OLD_IMAGE' }))
    expect(error).toMatchObject({ code: 'MissingImage' })
  })

  it('says which attribute value is malformed, without the value', async () => {
    const error = await parseErrorOf(bodyOf(dynamoDb(Any), { ...newImage, total: { N: 'secret' } }))
    expect(error).toMatchObject({ code: 'MalformedAttributeValue', status: 400, retryable: false })
    expect(error.message).toContain('at total')
    expect(error.message).not.toContain('secret')
  })

  it.each(['text', 1, [], Uint8Array.of(1)])('takes no %j', async raw => {
    expect((await parseErrorOf(bodyOf(dynamoDb(Any), raw))).code).toBe('UnexpectedType')
  })

  it('does not pollute prototypes', async () => {
    const raw = JSON.parse(
      '{"__proto__":{"M":{"admin":{"BOOL":true}}},"a":{"M":{"constructor":{"M":{"prototype":{"M":{}}}}}}}',
    )
    const body = await bodyOf(dynamoDb(Any), raw)
    expect(body).toEqual({ a: {} })
    expect(Object.hasOwn(body, '__proto__')).toBe(false)
  })
})

function harmless(key: string): boolean {
  return key !== '__proto__' && key !== 'constructor'
}

function marshalled(item: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([key, value]) => [key, attribute(value)]))
}

function attribute(value: unknown): unknown {
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'number') return { N: String(value) }
  if (typeof value === 'boolean') return { BOOL: value }
  if (value === null) return { NULL: true }
  return Array.isArray(value) ? { L: value.map(attribute) } : { M: marshalled(value as Record<string, unknown>) }
}
