// `retryLater()`: when a message of SQS comes again, by its visibility timeout and a client that the user brings. All of
// it comes with the error that the verdict stands for, so that a function without `retryLater()` does not carry it.
import { type Context, RetryableError, TimeoutError, type Unit } from '@lambent/core'
import type { SQSRecord } from 'aws-lambda'
import { fail } from './verdicts.ts'

/**
 * What `sqs({ client })` takes: `new SQS()` of `@lambent/aws/sqs` or of the AWS SDK v3, or anything with this method.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
 */
export interface SqsVisibilityClient {
  changeMessageVisibility(input: {
    readonly QueueUrl: string
    readonly ReceiptHandle: string
    /** Seconds. */
    readonly VisibilityTimeout: number
  }): Promise<unknown>
}

/** The URL of a queue, or the URL for the ARN of one. */
export type QueueUrl = string | ((queueArn: string) => string)

const DOMAINS: Readonly<Record<string, string>> = {
  aws: 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
  'aws-us-gov': 'amazonaws.com',
}

declare const LATER: unique symbol
// From the registry, so that an ES module copy and a CommonJS copy of this file agree.
const DELAY: unique symbol = Symbol.for('lambent.delay')

/** Made by `retryLater()`. */
export interface RetryLater {
  readonly [LATER]: true
  readonly error: RetryableError
}

export interface VisibilityOptions {
  /**
   * What `retryLater()` changes visibility timeouts by: `new SQS()` of `@lambent/aws/sqs` or of the AWS SDK v3. The function's role needs
   * `sqs:ChangeMessageVisibility` for it. Without it `retryLater()` does not compile.
   */
  readonly client?: SqsVisibilityClient | undefined
  /**
   * The URL of the queue, or a function from its ARN to it, for `client`.
   * @default `https://sqs.<region>.amazonaws.com/<account>/<name>` by the ARN, `.amazonaws.com.cn` in China
   */
  readonly queueUrl?: QueueUrl | undefined
}

interface Received {
  readonly unit: Unit
  readonly event: SQSRecord
}

type Delay = (received: Received, options: VisibilityOptions, telemetry: Context['telemetry']) => Promise<void>

const MOST_SECONDS = 43_200 // 12 hours, the most of SQS
const PATIENCE = 2000 // ms: a queue that does not answer, as from a VPC without an endpoint, must not hold up the others

/**
 * The message is not done and comes again in `delaySeconds`, 0 to 43,200 (12 hours, counted by SQS from when it was
 * received); fractions are rounded up. It is reported, and its visibility timeout is changed by the client that
 * `sqs({ client })` was given; where that fails, `sqs.retryLater` in telemetry says why, and the message comes again
 * after the queue's visibility timeout. The middlewares of the record see a RetryableError with the code `RetryLater` and
 * `retryAfter`.
 * @throws {RangeError} for any other delay
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
 */
export function retryLater({ delaySeconds }: { readonly delaySeconds: number }): RetryLater {
  if (!(delaySeconds >= 0 && delaySeconds <= MOST_SECONDS))
    throw new RangeError(`retryLater({ delaySeconds }) takes 0 to ${MOST_SECONDS} seconds, not ${delaySeconds}`)
  const seconds = Math.ceil(delaySeconds)
  const error = new RetryableError(`the handler wants the message again in ${seconds} s`, {
    code: 'RetryLater',
    retryAfter: seconds * 1000,
  })
  const delay: Delay = (...received) => changeVisibility(seconds, ...received)
  Object.defineProperty(error, DELAY, { value: delay }) // not enumerable: no log shows it
  return fail(error) as unknown as RetryLater
}

/** Does what a `retryLater()` asked for, if the error is of one. Whatever comes of it, the message is reported. */
export async function delayed(error: unknown, ...received: Parameters<Delay>): Promise<void> {
  try {
    await (error as { readonly [DELAY]?: Delay } | undefined | null)?.[DELAY]?.(...received)
  } catch {} // what was thrown may be anything, also what cannot be looked into
}

async function changeVisibility(
  seconds: number,
  { unit, event }: Received,
  { client, queueUrl = queueUrlOf }: VisibilityOptions,
  telemetry: Context['telemetry'],
): Promise<void> {
  const tell = (why: string, error?: unknown) => {
    const message = `retryLater() could not delay a message, which comes again after the visibility timeout: ${why}`
    telemetry.emit({ name: 'sqs.retryLater', level: 'warn', message, unit, error })
  }
  if (!client) return tell('give a client, sqs({ client: new SQS({}) })')
  let timer: ReturnType<typeof setTimeout> | undefined
  const over = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(`no answer in ${PATIENCE} ms`)), PATIENCE)
  })
  try {
    const changed = client.changeMessageVisibility({
      QueueUrl: typeof queueUrl === 'string' ? queueUrl : queueUrl(event.eventSourceARN),
      ReceiptHandle: event.receiptHandle,
      VisibilityTimeout: seconds,
    })
    await Promise.race([changed, over])
  } catch (error) {
    tell('ChangeMessageVisibility failed', error)
  } finally {
    clearTimeout(timer)
  }
}

/** @throws {TypeError} for an ARN of no queue, or of a partition whose domain is not known here */
function queueUrlOf(arn: string): string {
  const [, partition, region, account, name] = /^arn:([^:]+):sqs:([^:]+):([^:]+):([^:]+)$/.exec(arn) ?? []
  const domain = partition && Object.hasOwn(DOMAINS, partition) ? DOMAINS[partition] : undefined
  if (!domain) throw new TypeError(`no queue URL is known for ${arn}: give it by sqs({ queueUrl })`)
  return `https://sqs.${region}.${domain}/${account}/${name}`
}
