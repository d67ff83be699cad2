// The line that Lambda logs after each invocation.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html

export interface Report {
  /** ms. */
  readonly duration: number
  /** ms; absent where the execution environment was there already. */
  readonly initDuration?: number
  /** MB. */
  readonly maxMemoryUsed: number
}

/** @throws {Error} where there is no such line */
export function parseReport(log: string): Report {
  const line = log.split('\n').find(each => each.startsWith('REPORT RequestId:'))
  const figure = (name: string) => {
    const found = new RegExp(`(?:^|\\t)${name}: ([\\d.]+) (?:ms|MB)`).exec(line ?? '')?.[1]
    return found === undefined ? undefined : Number(found)
  }
  const duration = figure('Duration')
  const maxMemoryUsed = figure('Max Memory Used')
  if (duration === undefined || maxMemoryUsed === undefined) throw new Error(`there is no REPORT line in: ${log}`)
  const initDuration = figure('Init Duration')
  return { duration, maxMemoryUsed, ...(initDuration !== undefined && { initDuration }) }
}
