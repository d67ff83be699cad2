// `lambent dlq redrive`: sends dead letters back to where they came from, then deletes them; in that order, so that one
// that is sent twice is the worst that an interruption can do.
import { setTimeout as delay } from 'node:timers/promises'
import type { SQS } from '@aws-sdk/client-sqs'
import { countText, type Output, oneLine } from '../output.ts'
import { Problem, sayingOf } from '../problem.ts'
import { type Edit, edited } from './edit.ts'
import { type Found, found } from './found.ts'
import { Holding } from './holding.ts'
import { errorLine } from './peek.ts'
import { openQueue, type Queue } from './queue.ts'
import { type Resend, resendOf, roundsOf, sendOnce } from './resend.ts'

export interface RedriveOptions {
  readonly queue: Queue
  readonly matches: (found: Found) => boolean
  readonly max: number
  /** URL, ARN or name; left out, each goes to the queue that it came from. */
  readonly to: string | undefined
  readonly edit: Edit | undefined
  /** Messages a second. */
  readonly rate: number
  readonly dryRun: boolean
  readonly clientFor: (queue: string) => SQS
  readonly output: Output
  readonly signal: AbortSignal
}

interface Tally {
  read: number
  redriven: number
  /** By the URL of the queue. */
  readonly targets: Record<string, number>
  /** Do not match, or the edit said null. */
  left: number
  /** Nothing says which queue they came from. */
  homeless: number
  readonly failed: { readonly messageId: string; readonly error: string }[]
  /** Sent, and still there: who redrives again sends them twice. */
  readonly undeleted: string[]
  /** Of a dry run for a program: what would be sent. */
  readonly messages?: {
    readonly messageId: string
    readonly cause: string
    readonly to: string
    readonly body: string
  }[]
}

/** 0: all that was meant was sent; 1: some was not; 130: interrupted. */
export async function redrive(options: RedriveOptions): Promise<number> {
  const { queue, matches, max, to, edit, rate, dryRun, output, signal } = options
  const startedAt = queue.now()
  const tally: Tally = {
    read: 0,
    redriven: 0,
    targets: {},
    left: 0,
    homeless: 0,
    failed: [],
    undeleted: [],
    ...(dryRun && output.json && { messages: [] }),
  }
  const target = targets(options)
  if (to !== undefined) await target(to)
  await using holding = new Holding(queue)
  const bar = output.bar(dryRun ? 0 : Math.min(queue.visible, max))
  // No more at once than are sent within 20 s: the others stay where Ctrl-C and crashes can't reach them.
  const most = Math.max(1, Math.min(10, Math.floor(rate * 20)))
  const burst = Math.max(1, Math.min(10, Math.floor(rate))) // no more in a call than in a second
  const pace = pacer(rate, signal)
  let idle = 0 // calls in a row by which nothing could be sent
  let problem: unknown

  try {
    while (tally.redriven < max && !signal.aborted) {
      const messages = await holding.receive(Math.min(most, max - tally.redriven))
      if (messages.length === 0) break
      const resends: Resend[] = []
      for (const message of messages) {
        const each = found(message)
        // What came here since we began was redriven by us, and has failed again.
        const again = Number(message.Attributes?.SentTimestamp) > startedAt
        if (!again) tally.read++
        if (again || tally.redriven + resends.length >= max || !matches(each)) {
          if (!again) tally.left++
          continue
        }
        const resend = await prepared(each)
        if (resend) resends.push(resend)
      }
      await sendAll(resends)
      bar.advance(messages.length, `${tally.redriven} redriven`)
    }
  } catch (error) {
    problem = error
  }
  bar.stop()
  report(tally, options) // what was done until then counts, whatever went wrong
  if (problem) throw problem
  if (signal.aborted) return 130
  return tally.failed.length + tally.undeleted.length + tally.homeless > 0 ? 1 : 0

  async function prepared(each: Found): Promise<Resend | undefined> {
    try {
      const { letter } = each
      const source = letter.origin?.sourceArn ?? ''
      const where = to ?? (/^arn:[^:]+:sqs:/.test(source) ? source : undefined)
      if (where === undefined) {
        tally.homeless++
        return undefined
      }
      // A letter is an attribute, which whoever sent the message may have written.
      const moved = each.message.Attributes?.DeadLetterQueueSourceArn
      if (to === undefined && moved !== undefined && moved !== source)
        throw new Problem(`its letter says that it came from ${source}, and SQS says ${moved}: name a queue by --to`)
      const { url, fifo, maxBytes, arn } = await target(where)
      if (url === queue.url || arn === queue.arn)
        throw new Problem('it came from this very queue: name another by --to')
      const original = { ...(await resendOf(letter, options.clientFor(where))), letter }
      const message = await edited(edit, original)
      if (message === null) {
        tally.left++
        return undefined
      }
      const { body, attributes } = message
      const same = body === original.body && attributes === original.attributes
      if (same && letter.format === 'lambent' && letter.letter.redacted)
        throw new Problem('it was redacted, and is no longer what came: make it whole by --edit')
      return { found: each, url, fifo, maxBytes, ...message }
    } catch (error) {
      tally.failed.push({ messageId: each.id, error: sayingOf(error) })
      return undefined
    }
  }

  async function sendAll(resends: readonly Resend[]): Promise<void> {
    // Of a group whose message could not be sent, the later ones wait.
    const stuck = new Set<string>()
    for (const round of roundsOf(resends, burst)) {
      const entries = round.filter(({ group }) => group === undefined || !stuck.has(group))
      for (const { resend } of round.filter(entry => !entries.includes(entry)))
        tally.failed.push({ messageId: resend.found.id, error: 'an earlier message of its group could not be sent' })
      const [first] = entries
      if (!first) continue
      const { url } = first.resend
      if (dryRun) {
        count(url, entries.length)
        for (const { resend } of entries) preview(resend, output)
        tally.messages?.push(
          ...entries.map(({ resend: { found, body } }) => ({ messageId: found.id, cause: found.cause, to: url, body })),
        )
        continue
      }
      await pace(entries.length)
      if (signal.aborted) return // nothing of it is sent: it goes back
      const outcomes = await sendOnce(
        options.clientFor(url),
        url,
        entries.map(({ resend }) => resend),
      )
      const sent: string[] = []
      for (const [index, { resend, group }] of entries.entries()) {
        const error = outcomes[index]
        if (error === undefined) sent.push(resend.found.id)
        else tally.failed.push({ messageId: resend.found.id, error })
        if (error !== undefined && group !== undefined) stuck.add(group)
      }
      count(url, sent.length)
      tally.undeleted.push(...(await holding.delete(sent)))
      if (sent.length > 0) idle = 0
      else if (++idle === 3)
        throw new Problem(
          `nothing could be sent to ${url}: ${tally.failed.at(-1)?.error}. The messages stay where they are`,
        )
    }
  }

  function count(url: string, by: number): void {
    tally.redriven += by
    tally.targets[url] = (tally.targets[url] ?? 0) + by
  }
}

/** Each queue is opened once. */
function targets({ clientFor }: RedriveOptions): (where: string) => Promise<Queue> {
  const opened = new Map<string, Promise<Queue>>()
  return where => {
    const queue = opened.get(where) ?? openQueue(where, clientFor(where))
    opened.set(where, queue)
    return queue
  }
}

/** Waits until as many may be sent as the rate allows. */
function pacer(rate: number, signal: AbortSignal): (count: number) => Promise<void> {
  let next = performance.now()
  return async count => {
    const now = performance.now()
    const wait = next - now
    next = Math.max(next, now) + (count / rate) * 1000
    if (wait > 0) await delay(wait, undefined, { signal }).catch(() => {})
  }
}

function preview({ found, url, body }: Resend, output: Output): void {
  output.line(
    `${found.id} → ${url.slice(url.lastIndexOf('/') + 1)}  ${output.style('dim', oneLine(errorLine(found.letter.error), 60))}`,
  )
  output.line(`  ${oneLine(body, 160)}`)
}

function report(tally: Tally, { queue, dryRun, output, signal }: RedriveOptions): void {
  const { redriven, targets, left, homeless, failed, undeleted } = tally
  output.result({ queue: queue.url, dryRun, interrupted: signal.aborted, ...tally })
  const to = Object.entries(targets).map(([url, count]) => `${count} to ${url.slice(url.lastIndexOf('/') + 1)}`)
  output.line(
    `${countText(redriven, 'message')} ${dryRun ? 'would be redriven' : 'redriven'}${to.length > 0 ? ` (${to.join(', ')})` : ''}, ${left} left as they do not match`,
  )
  if (homeless > 0)
    output.note(
      `${countText(homeless, 'message')} did not come from a queue, or nothing says from which: name one by --to`,
    )
  const reasons = [...Map.groupBy(failed, ({ error }) => error)]
  for (const [error, all] of reasons.slice(0, 20)) {
    const ids = all.slice(0, 3).map(({ messageId }) => messageId)
    if (all.length > 3) ids.push('…')
    output.note(`${countText(all.length, 'message')} failed: ${oneLine(error, 200)} (${ids.join(' ')})`)
  }
  if (reasons.length > 20) output.note(`… and for ${reasons.length - 20} more reasons: --json has all`)
  if (undeleted.length > 0)
    output.note(`sent, but could not be deleted, and will be sent again with the next redrive: ${undeleted.join(' ')}`)
  if (signal.aborted) output.note('interrupted: nothing is lost. The same command goes on')
  if (queue.fifo && left + failed.length > 0)
    output.note('in a FIFO queue, messages behind those that stay were not seen')
}
