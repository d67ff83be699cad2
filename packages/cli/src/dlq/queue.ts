// A queue, found by its name, ARN or URL, and what has to be known before one reads from it.
import { SQS } from '@aws-sdk/client-sqs'
import { Problem, sayingOf } from '../problem.ts'

export interface Connection {
  readonly region?: string | undefined
  readonly endpointUrl?: string | undefined
  readonly profile?: string | undefined
}

export interface Queue {
  readonly sqs: SQS
  readonly url: string
  readonly name: string
  readonly arn: string
  readonly fifo: boolean
  /** About how many messages could be received now. */
  readonly visible: number
  /** About how many somebody has received and not deleted. */
  readonly inFlight: number
  /** What a message may have, in bytes. */
  readonly maxBytes: number
  /** Of a redrive policy: after how many receives a message is moved on. */
  readonly maxReceiveCount: number | undefined
  /** The time as SQS has it, in epoch ms. */
  now(): number
}

/** A client, in the region that the URL or ARN names. Credentials are those that the AWS CLI would take. */
export function connect(where: string, { region, endpointUrl, profile }: Connection): SQS {
  const named =
    /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\./.exec(where)?.[1] ?? /^arn:[^:]+:sqs:([^:]+):/.exec(where)?.[1]
  const chosen = region ?? named
  const endpoint = endpointUrl ?? process.env.AWS_ENDPOINT_URL_SQS ?? process.env.AWS_ENDPOINT_URL
  return new SQS({
    ...(chosen && { region: chosen }),
    // Given, it is taken also where the URL of the queue has another host, as that of an emulator may.
    ...(endpoint && { endpoint }),
    ...(profile && { profile }),
    maxAttempts: 5,
  })
}

/** @throws {Problem} where there is no such queue, or it can't be asked */
export async function openQueue(where: string, sqs: SQS): Promise<Queue> {
  try {
    const url = await urlOf(where, sqs)
    const ahead = clockOf(sqs)
    const { Attributes = {} } = await sqs.getQueueAttributes({ QueueUrl: url, AttributeNames: ['All'] })
    return {
      sqs,
      url,
      name: url.slice(url.lastIndexOf('/') + 1),
      arn: Attributes.QueueArn ?? '',
      fifo: url.endsWith('.fifo'),
      visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
      inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
      maxBytes: Number(Attributes.MaximumMessageSize ?? 1_048_576),
      maxReceiveCount: maxReceiveCount(Attributes.RedrivePolicy),
      now: () => Date.now() + ahead(),
    }
  } catch (error) {
    throw new Problem(`the queue ${where} can’t be opened: ${sayingOf(error)}${await hintOf(error, sqs)}`)
  }
}

/** What to do, for what goes wrong most often. */
async function hintOf(error: unknown, sqs: SQS): Promise<string> {
  const { name, message } = Object(error) as { readonly name?: string; readonly message?: string }
  if (/region is missing/i.test(`${message}`)) return '. Set --region, or AWS_REGION'
  if (/Credentials|Token|SignatureDoesNotMatch|InvalidClientTokenId/.test(`${name}`))
    return '. Set --profile, AWS_PROFILE or AWS_ACCESS_KEY_ID; a session may have ended: aws sso login'
  if (!/QueueDoesNotExist|NonExistentQueue/.test(`${name}`)) return ''
  const region = await sqs.config.region()
  return ` It was looked for in ${region}: is it in another region (--region), or another account (--profile, or its URL)?`
}

/** By how many ms the clock of SQS is ahead of ours, where that is more than an answer takes. */
function clockOf(sqs: SQS): () => number {
  let ahead = 0
  sqs.middlewareStack.add(
    next => async args => {
      const output = await next(args)
      const { date } = Object(Object(output.response).headers) as { readonly date?: string }
      const offset = Date.parse(date ?? '') - Date.now()
      if (Math.abs(offset) > 5000) ahead = offset
      return output
    },
    { step: 'deserialize', name: 'lambentClock', override: true },
  )
  return () => ahead
}

async function urlOf(where: string, sqs: SQS): Promise<string> {
  if (/^https?:\/\//.test(where)) return where
  const [, account, arnName] = /^arn:[^:]+:sqs:[^:]*:(\d*):(.+)$/.exec(where) ?? []
  const { QueueUrl } = await sqs.getQueueUrl({
    QueueName: arnName ?? where,
    ...(account && { QueueOwnerAWSAccountId: account }),
  })
  if (!QueueUrl) throw new Problem('SQS gave no URL')
  return QueueUrl
}

function maxReceiveCount(policy: string | undefined): number | undefined {
  try {
    const count = Number(Object(JSON.parse(policy ?? '')).maxReceiveCount)
    return count > 0 ? count : undefined
  } catch {
    return undefined
  }
}

/**
 * SQS has no way to look without receiving, and a receive counts: a queue with a redrive policy of its own would move
 * what was looked at too often.
 * @throws {Problem} unless it is wanted
 */
export function mustBeReadable({ name, maxReceiveCount }: Queue, force: boolean | undefined): void {
  if (maxReceiveCount === undefined || force) return
  throw new Problem(
    `${name} has a redrive policy of its own (maxReceiveCount ${maxReceiveCount}): it may not be a dead-letter queue, ` +
      'and to look into it counts as a receive. With --force it is read nevertheless',
  )
}
