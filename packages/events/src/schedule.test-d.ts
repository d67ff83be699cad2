import { expectTypeOf, it } from 'vitest'
import { type Schedule, type ScheduledEvent, schedule } from './schedule.ts'

it('an event has its schedule', () => {
  const handler = schedule().handle(ctx => {
    expectTypeOf(ctx.schedule).toEqualTypeOf<Schedule>()
    expectTypeOf(ctx.event).toEqualTypeOf<ScheduledEvent>()
    // @ts-expect-error
    ctx.input
  })
  expectTypeOf(handler).parameter(0).toEqualTypeOf<ScheduledEvent>()
  schedule({ reserve: 100 }).handle(ctx => expectTypeOf(ctx.schedule.time).toEqualTypeOf<Date>())
})

it('an input is unknown, and has no schedule', () => {
  schedule({ input: true }).handle(ctx => {
    expectTypeOf(ctx.input).toBeUnknown()
    // @ts-expect-error
    ctx.schedule
  })
})

it('has no records, and so no .each()', () => {
  // @ts-expect-error
  schedule().each
  // @ts-expect-error
  schedule({ input: true }).each
})
