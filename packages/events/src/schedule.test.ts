import { invoke, lambdaContext, scheduledEvent, sqsEvent } from '@lambent/testing'
import { describe, expect, it, vi } from 'vitest'
import { schedule } from './schedule.ts'

// As EventBridge Scheduler sends it when the schedule has no input: the detail is text.
const fromScheduler = {
  version: '0',
  id: '9b1b1f3c-0000-4000-8000-000000000001',
  'detail-type': 'Scheduled Event',
  source: 'aws.scheduler',
  account: '123456789012',
  time: '2026-01-15T12:00:00Z',
  region: 'eu-west-1',
  resources: ['arn:aws:scheduler:eu-west-1:123456789012:schedule/default/nightly-report'],
  detail: '{}',
} as const

describe('a scheduled event', () => {
  it('of a rule has its time, name and ARN', async () => {
    const seen = vi.fn()
    await schedule().handle(ctx => seen(ctx.schedule, ctx.unit.source))(
      scheduledEvent({ time: '2026-01-15T12:00:00Z' }),
      lambdaContext(),
    )
    const arn = 'arn:aws:events:eu-west-1:123456789012:rule/nightly'
    expect(seen).toHaveBeenCalledWith({ time: new Date('2026-01-15T12:00:00Z'), name: 'nightly', arn }, 'aws:events')
  })

  it('of EventBridge Scheduler has them too', async () => {
    const seen = vi.fn()
    await invoke(
      schedule().handle(ctx => seen(ctx.schedule, ctx.unit)),
      { ...fromScheduler, resources: [...fromScheduler.resources] },
    )
    const [arn] = fromScheduler.resources
    expect(seen).toHaveBeenCalledWith(
      { time: new Date('2026-01-15T12:00:00Z'), name: 'nightly-report', arn },
      {
        kind: 'invocation',
        source: 'aws:scheduler',
        id: fromScheduler.id,
        sourceArn: arn,
        raw: '{}',
        sentAt: Date.parse(fromScheduler.time),
        origin: {
          source: 'aws.scheduler',
          detailType: 'Scheduled Event',
          account: '123456789012',
          region: 'eu-west-1',
        },
      },
    )
  })

  it('without a time or an ARN is refused', async () => {
    const handler = schedule().handle(() => {})
    await expect(invoke(handler, scheduledEvent({ time: 'soon' }))).rejects.toThrow('time is no ISO 8601 time')
    await expect(invoke(handler, scheduledEvent({ resources: [] }))).rejects.toThrow('resources[0] is no ARN')
  })

  it('returns what the handler returns', async () => {
    expect(
      await invoke(
        schedule().handle(() => ({ rows: 3 })),
        scheduledEvent(),
      ),
    ).toEqual({ rows: 3 })
  })
})

describe('an input of the schedule', () => {
  it('is refused by default, and says what was expected', async () => {
    await expect(
      invoke(
        schedule().handle(() => {}),
        { report: 'daily' } as never,
      ),
    ).rejects.toThrow('expected an EventBridge scheduled event, got an object with the keys "report"')
  })

  it.each([[{ report: 'daily' }], ['daily'], [null], [[1]]])('%j is accepted by option', async input => {
    const seen = vi.fn()
    await schedule({ input: true }).handle(ctx => seen(ctx.input, ctx.unit))(
      input,
      lambdaContext({ awsRequestId: 'r-1' }),
    )
    expect(seen).toHaveBeenCalledWith(input, { kind: 'invocation', source: 'aws:scheduler', id: 'r-1', raw: input })
  })

  it.each([
    ['an SQS event', sqsEvent()],
    ['an EventBridge scheduled event', scheduledEvent()],
  ])('is not %s', async (kind, event) => {
    await expect(
      invoke(
        schedule({ input: true }).handle(() => {}),
        event,
      ),
    ).rejects.toThrow(`expected the input of a schedule, got ${kind}`)
  })
})
