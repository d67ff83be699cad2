// The unit of an invocation, which is the same for every source.
import type { LambdaContext, Raw, Unit } from '@lambent/core'

export function invocationUnit(
  source: string,
  event: unknown,
  lambda: LambdaContext,
  sourceArn: string | undefined,
): Unit {
  return { kind: 'invocation', source, id: lambda?.awsRequestId ?? '', sourceArn, raw: event as Raw }
}

/** Epoch milliseconds of an ISO 8601 time, or undefined where it is none. */
export function epochMillis(time: unknown): number | undefined {
  const millis = typeof time === 'string' ? Date.parse(time) : Number.NaN
  return Number.isNaN(millis) ? undefined : millis
}
