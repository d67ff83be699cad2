import type { Context } from 'aws-lambda'
import { describe, expect, test } from 'vitest'
import { invoke } from './invoke.ts'
import { lambdaContext } from './lambda-context.ts'
import { sqsEvent } from './sqs-event.ts'

describe('invoke', () => {
  test('the handler gets a copy of the event, as JSON carries it', async () => {
    const event = { at: new Date(0), gone: undefined, list: [{ a: 1 }] }
    let seen: unknown
    await invoke(async (arrived: unknown) => {
      seen = arrived
    }, event)
    expect(seen).toEqual({ at: '1970-01-01T00:00:00.000Z', list: [{ a: 1 }] })
    expect(seen).not.toHaveProperty('gone')
  })

  test("a handler that changes its event does not change the caller's", async () => {
    const event = sqsEvent()
    await invoke(async (arrived: typeof event) => {
      arrived.Records.length = 0
    }, event)
    expect(event.Records).toHaveLength(1)
  })

  test('the handler gets a context, or the given one, and nothing else', async () => {
    const context = lambdaContext()
    const calls: unknown[][] = []
    const handler = async (...args: [event: object, context: Context]) => {
      calls.push(args)
    }
    await invoke(handler, {}, context)
    await invoke(handler, {})
    expect(calls[0]?.[1]).toBe(context)
    expect(calls[1]?.[1]).toHaveProperty('awsRequestId')
    expect(calls.map(args => args.length)).toEqual([2, 2])
  })

  test('the result comes back as JSON carries it', async () => {
    const result = await invoke(async () => ({ at: new Date(0), gone: undefined }), {})
    expect(result).toEqual({ at: '1970-01-01T00:00:00.000Z' })
    expect(result).not.toHaveProperty('gone')
  })

  test('nothing returned is null', async () => {
    expect(await invoke(async () => {}, {})).toBe(null)
  })

  test('a handler may answer without a promise', async () => {
    expect(await invoke(() => ({ ok: true }), {})).toEqual({ ok: true })
  })

  test('ready is awaited before the handler is called', async () => {
    const order: string[] = []
    const handler = Object.assign(
      async () => {
        order.push('handler')
      },
      {
        ready: async () => {
          await Promise.resolve()
          order.push('ready')
        },
      },
    )
    await invoke(handler, {})
    expect(order).toEqual(['ready', 'handler'])
  })

  test('an error of ready or the handler is thrown as it is', async () => {
    const error = new Error('no')
    const fail = () => Promise.reject(error)
    await expect(invoke(fail, {})).rejects.toBe(error)
    await expect(
      invoke(
        Object.assign(async () => {}, { ready: fail }),
        {},
      ),
    ).rejects.toBe(error)
    await expect(
      invoke(() => {
        throw error
      }, {}),
    ).rejects.toBe(error)
  })

  test('a handler with a callback is refused', async () => {
    let called = false
    const handler = (_event: object, _context: Context, _callback: never) => {
      called = true
    }
    await expect(invoke(handler, {})).rejects.toThrow(/takes 3 parameters: nodejs24\.x refuses/)
    expect(called).toBe(false)
  })

  test('what is no handler is refused', async () => {
    await expect(invoke(null as never, {})).rejects.toThrow('the handler must be a function, and is null')
  })

  test('what JSON cannot carry is refused with its place, in the event and in the result', async () => {
    const event = { Records: [{ body: 1n }] }
    await expect(invoke(async () => {}, event)).rejects.toThrow('JSON cannot carry event.Records[0].body')
    await expect(invoke(async () => ({ items: [{ id: 2n }] }), {})).rejects.toThrow(
      'JSON cannot carry result.items[0].id: it is a bigint',
    )
    await expect(invoke(async () => ({ later: Promise.resolve() }), {})).rejects.toThrow(
      'result.later: it is a Promise',
    )
  })
})
