// `lambent dlq run`: one dead letter through a handler on this machine, to see whether a fix helps.
import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import type { SQS } from '@aws-sdk/client-sqs'
import { type InvocationResult, startFunction } from '@lambent/local'
import { type Output, printable } from '../output.ts'
import { Problem, sayingOf } from '../problem.ts'
import { eventOf } from './event.ts'
import { type Found, found, functionOf } from './found.ts'
import { Holding } from './holding.ts'
import { errorLine } from './peek.ts'
import type { Queue } from './queue.ts'
import { isClaimCheck, payloadOf } from './resend.ts'

export interface RunOptions {
  readonly queue: Queue
  readonly matches: (found: Found) => boolean
  /** `dist/orders.handler`. Left out, the event is printed, and nothing is run. */
  readonly handler: string | undefined
  readonly envFile: string | undefined
  /** ms */
  readonly timeout: number
  /** Delete the dead letter when the handler has done it. */
  readonly delete: boolean
  readonly clientFor: (queue: string) => SQS
  readonly output: Output
  readonly signal: AbortSignal
}

/** 0: the handler did it; 1: it failed; 130: interrupted. */
export async function run(options: RunOptions): Promise<number> {
  const { queue, matches, handler, timeout, output, signal } = options
  const environment = options.envFile === undefined ? {} : await environmentOf(options.envFile)
  await using holding = new Holding(queue)
  const chosen = await first(holding, matches, signal)
  if (signal.aborted) return 130
  if (!chosen) throw new Problem(`${queue.name} has no dead letter that matches`)
  const { letter, id } = chosen
  const pointer =
    letter.format === 'lambent' && letter.pointer && isClaimCheck(letter.pointer.key) ? letter.pointer : undefined
  const body = pointer ? await payloadOf(pointer, options.clientFor(queue.url)) : letter.body
  const event = eventOf(chosen, queue.arn, body)
  if (handler === undefined) {
    if (output.json) output.result(event)
    else output.line(JSON.stringify(event, undefined, 2))
    return 0
  }
  output.line(`${id}: ${errorLine(letter.error)}`)
  if (letter.format === 'lambent' && letter.letter.redacted)
    output.note('it was redacted: what the handler gets is not what came')
  let gaveUp = false
  await using lambda = await startFunction({
    handler,
    timeout,
    environment,
    ...placeOf(chosen, queue),
    onLog({ message }) {
      gaveUp ||= GAVE_UP.test(message)
      output.line(output.style('dim', printable(message)))
    },
  })
  const result = await lambda.invoke(event)
  // A unit that became a dead letter is acknowledged: the answer says that it is done.
  const failure = failureOf(result) ?? (gaveUp ? 'it became a dead letter again, and is stored once more' : undefined)
  let deleted = false
  if (failure === undefined && options.delete) deleted = (await holding.delete([id])).length === 0
  output.result({
    messageId: id,
    cause: chosen.cause,
    ok: failure === undefined,
    failure,
    deleted,
    payload: result.payload,
    durationMs: result.durationMs,
  })
  output.line(
    failure === undefined
      ? `${output.style('green', 'done')} in ${Math.round(result.durationMs)} ms${deleted ? ', and deleted' : '; the dead letter is still in its queue'}`
      : `${output.style('red', 'failed')}: ${printable(failure)}`,
  )
  if (failure !== undefined && options.envFile === undefined)
    output.note('the function had no variables: --env-file gives it those of its template')
  return failure === undefined ? 0 : 1
}

/** What `deadLetter()` tells, as it is in the log: a line of JSON, or of a formatter that indents. */
const GAVE_UP = /"name": ?"deadLetter\.sent"/

/** Where it failed: names are in keys of idempotency, and what the function calls is in its region. */
function placeOf({ letter }: Found, queue: Queue) {
  const region = queue.arn.split(':')[3] ?? ''
  const functionName = functionOf(letter) ?? ''
  return {
    ...(/^[a-z]{2}(-[a-z]+)+-\d+$/.test(region) && { region }),
    ...(/^[\w-]{1,64}$/.test(functionName) && { functionName }),
  }
}

async function first(
  holding: Holding,
  matches: RunOptions['matches'],
  signal: AbortSignal,
): Promise<Found | undefined> {
  while (!signal.aborted) {
    const messages = await holding.receive()
    if (messages.length === 0) return undefined
    const match = messages.map(found).find(matches)
    if (match) return match
  }
  return undefined
}

function failureOf(result: InvocationResult): string | undefined {
  if (result.functionError) return `${result.errorType}: ${result.errorMessage}`
  const { batchItemFailures } = Object(result.payload) as { readonly batchItemFailures?: unknown }
  return Array.isArray(batchItemFailures) && batchItemFailures.length > 0
    ? 'the handler reported the record as failed'
    : undefined
}

async function environmentOf(file: string): Promise<Record<string, string>> {
  try {
    return parseEnv(await readFile(file, 'utf8')) as Record<string, string>
  } catch (error) {
    throw new Problem(`${file} can’t be read: ${sayingOf(error)}`)
  }
}
