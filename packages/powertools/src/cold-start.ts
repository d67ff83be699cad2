// Whether an invocation is the first of its execution environment, the same for logger and metrics.
import type { Telemetry } from '@lambent/core'

// As Powertools has it: environments with provisioned concurrency, and Managed Instances, start before they are asked.
const onDemand = process.env.AWS_LAMBDA_INITIALIZATION_TYPE === 'on-demand'
let first: WeakRef<Telemetry> | undefined

/** A warm-up event was the first. */
export function warmed(): void {
  first ??= new WeakRef({} as Telemetry)
}

/** Each invocation has one `ctx.telemetry`, and the first one seen is the first invocation. */
export function isColdStart(telemetry: Telemetry): boolean {
  first ??= new WeakRef(telemetry)
  return onDemand && first.deref() === telemetry
}
