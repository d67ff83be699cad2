// Schedules: rules of EventBridge, and EventBridge Scheduler with its own event or with an input that you gave it.
import { type Pipeline, pipeline, type Raw, type Source, type SourceTypes, UnexpectedEventError } from '@lambent/core'
import { knownKind } from '@lambent/core/event-kind'
import type { EventBridgeEvent } from 'aws-lambda'
import { isEventBridgeEvent, resourceOf } from './eventbridge-event.ts'
import { unexpected } from './expected.ts'
import type { SourceOptions } from './options.ts'
import { epochMillis, invocationUnit } from './units.ts'

export type { SourceOptions } from './options.ts'

export interface Schedule {
  /** When it was to run, in whole seconds. */
  readonly time: Date
  /** Of the rule, or of the schedule: the last part of the ARN. */
  readonly name: string
  /** Of the rule, or of the schedule. */
  readonly arn: string
}

/** The detail is an empty object from a rule, and its JSON, `'{}'`, from Scheduler. */
export type ScheduledEvent = EventBridgeEvent<'Scheduled Event', unknown>

export interface ScheduleTypes extends SourceTypes {
  readonly event: ScheduledEvent
  readonly context: { readonly event: ScheduledEvent; readonly schedule: Schedule }
  readonly returns: unknown
  readonly response: unknown
}

export interface ScheduleInputTypes extends SourceTypes {
  readonly event: unknown
  readonly context: {
    readonly event: unknown
    /** The input as it was given to the schedule: parse it by a schema. */
    readonly input: unknown
  }
  readonly returns: unknown
  readonly response: unknown
}

export interface ScheduleOptions<Input extends boolean = boolean> extends SourceOptions {
  /**
   * Whether the rule or schedule has an input of its own, which replaces the event.
   * @default false
   */
  readonly input?: Input | undefined
}

/**
 * What runs by the clock: a rule of EventBridge with a schedule, or EventBridge Scheduler without an input of its own.
 *
 * ```ts
 * export const handler = schedule().handle(async ({ schedule }) => report(schedule.time))
 * ```
 *
 * With `schedule({ input: true })` the event is the input that the schedule was given, any JSON, as `ctx.input`; there
 * is no `ctx.schedule` then. Scheduler fills in `<aws.scheduler.scheduled-time>` and the like where the input has them.
 *
 * What the handler returns is the response, which only an on-success destination gets to see. An event of another kind
 * fails with an UnexpectedEventError; as an input everything is accepted that is not an event of AWS.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
 */
export function schedule(options?: ScheduleOptions<false>): Pipeline<ScheduleTypes>
export function schedule(options: ScheduleOptions<true>): Pipeline<ScheduleInputTypes>
export function schedule({
  input,
  reserve,
}: ScheduleOptions = {}): Pipeline<ScheduleTypes> | Pipeline<ScheduleInputTypes> {
  return input ? pipeline(inputs(reserve)) : pipeline(events(reserve))
}

function events(reserve: number | undefined): Source<ScheduleTypes> {
  return {
    name: 'aws:events',
    reserve,
    open(event) {
      if (!isEventBridgeEvent(event) || event['detail-type'] !== 'Scheduled Event')
        throw unexpected('an EventBridge scheduled event', event)
      const { id, source, detail, account, region } = event
      const sentAt = epochMillis(event.time)
      const arn = resourceOf(event)
      if (sentAt === undefined) throw new UnexpectedEventError('scheduled event: time is no ISO 8601 time')
      if (arn === undefined) throw new UnexpectedEventError('scheduled event: resources[0] is no ARN')
      const unit = {
        kind: 'invocation' as const,
        source: source === 'aws.scheduler' ? 'aws:scheduler' : 'aws:events',
        id,
        sourceArn: arn,
        raw: detail as Raw,
        sentAt,
        origin: { source, detailType: event['detail-type'], account, region },
      }
      const schedule = { time: new Date(sentAt), name: arn.slice(arn.lastIndexOf('/') + 1), arn }
      return { unit, event: event as ScheduledEvent, schedule }
    },
    respond: value => value,
  }
}

function inputs(reserve: number | undefined): Source<ScheduleInputTypes> {
  return {
    name: 'aws:scheduler',
    reserve,
    open(event, lambda) {
      if (knownKind(event)) throw unexpected('the input of a schedule', event)
      return { unit: invocationUnit('aws:scheduler', event, lambda, undefined), event, input: event }
    },
    respond: value => value,
  }
}
