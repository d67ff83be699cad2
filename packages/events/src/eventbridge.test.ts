import { eventBridgeEvent, invoke, lambdaContext, scheduledEvent } from '@lambent/testing'
import { describe, expect, it, vi } from 'vitest'
import { eventBridge } from './eventbridge.ts'

const placed = eventBridgeEvent({
  source: 'shop',
  'detail-type': 'OrderPlaced',
  detail: { id: 'o-1' },
  resources: ['arn:a', 'arn:b'],
})

describe('an event', () => {
  it('has its detail, source and detail-type on the context', async () => {
    const handler = eventBridge().handle(({ detail, source, detailType, event }) => [
      detail,
      source,
      detailType,
      event.account,
    ])
    expect(await invoke(handler, placed)).toEqual([{ id: 'o-1' }, 'shop', 'OrderPlaced', placed.account])
  })

  it('is a unit with the detail as its payload', async () => {
    const seen = vi.fn()
    await eventBridge().handle(({ unit }) => seen(unit))(placed, lambdaContext())
    expect(seen).toHaveBeenCalledWith({
      kind: 'invocation',
      source: 'aws:events',
      id: placed.id,
      sourceArn: 'arn:a',
      raw: { id: 'o-1' },
      sentAt: Date.parse(placed.time),
      origin: { source: 'shop', detailType: 'OrderPlaced', account: placed.account, region: 'eu-west-1' },
    })
  })

  it('is one also without resources and with a time that is none', async () => {
    const seen = vi.fn()
    const event = { ...placed, resources: undefined, time: 'soon' }
    await eventBridge().handle(({ unit }) => seen(unit))(event as never, lambdaContext())
    expect(seen).toHaveBeenCalledWith(expect.objectContaining({ sourceArn: undefined, sentAt: undefined }))
  })

  it('may be a scheduled one, or have no detail to speak of', async () => {
    expect(
      await invoke(
        eventBridge().handle(({ detailType }) => detailType),
        scheduledEvent(),
      ),
    ).toBe('Scheduled Event')
    expect(
      await invoke(
        eventBridge().handle(({ detail }) => detail),
        { ...placed, detail: null },
      ),
    ).toBeNull()
  })

  it.each(['id', 'source', 'detail'])('without %s is none', async key => {
    const event = { ...placed, [key]: undefined }
    await expect(
      invoke(
        eventBridge().handle(() => {}),
        event as never,
      ),
    ).rejects.toThrow('expected an EventBridge event, got')
  })

  it('fails with what the handler throws', async () => {
    await expect(
      invoke(
        eventBridge().handle(() => Promise.reject(new Error('no'))),
        placed,
      ),
    ).rejects.toThrow('no')
  })
})

describe('the options', () => {
  it.each([
    { source: 'shop' },
    { source: ['warehouse', 'shop'] },
    { detailType: 'OrderPlaced' },
    { source: 'shop', detailType: ['OrderPaid', 'OrderPlaced'] },
  ])('%j accept the event', async options => {
    expect(
      await invoke(
        eventBridge(options).handle(({ source }) => source),
        placed,
      ),
    ).toBe('shop')
  })

  it.each([
    [
      { source: 'warehouse' },
      'expected an EventBridge event with source "warehouse", got "shop": check the pattern of the rule',
    ],
    [{ source: [] }, 'got "shop"'],
    [{ source: 'shop', detailType: ['A', 'B'] }, 'with detail-type "A" or "B", got "OrderPlaced"'],
  ])('%j refuse it, permanently', async (options, message) => {
    await expect(
      invoke(
        eventBridge(options).handle(() => {}),
        placed,
      ),
    ).rejects.toMatchObject({
      name: 'UnexpectedEventError',
      retryable: false,
      message: expect.stringContaining(message),
    })
  })
})
