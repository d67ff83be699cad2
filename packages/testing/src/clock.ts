// The fixed time that every event is made at, so that two runs of a test see the same event.

/** What every factory takes as its last argument. */
export interface EventOptions {
  /**
   * When the event happens: a `Date`, or ms since the epoch.
   * @default 2026-01-15T12:00:00.000Z
   */
  readonly now?: Date | number | undefined
}

/** What the factory of one record takes as its last argument. */
export interface RecordOptions extends EventOptions {
  /**
   * The record's place in its batch, from 0. Its ids and sequence number follow from it.
   * @default 0
   */
  readonly index?: number | undefined
}

const defaultNow: number = Date.UTC(2026, 0, 15, 12)

/** The options' time in ms since the epoch. */
export function epochMillis(options: EventOptions): number {
  return Number(options.now ?? defaultNow)
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A time as API Gateway writes it (Common Log Format): `15/Jan/2026:12:00:00 +0000`. */
export function commonLogTime(millis: number): string {
  const [year, month, day, time] = new Date(millis).toISOString().split(/[-T.]/)
  return `${day}/${months[Number(month) - 1]}/${year}:${time} +0000`
}
