// From a dead letter back to the message that it was, and into its queue.
import { S3 } from '@aws-sdk/client-s3'
import type { SendMessageBatchRequestEntry, SQS } from '@aws-sdk/client-sqs'
import type { MessageAttributes, ParsedDeadLetter } from '@lambent/dead-letter'
import { Problem, sayingOf } from '../problem.ts'
import type { Found } from './found.ts'

export interface Resend {
  readonly found: Found
  readonly url: string
  readonly fifo: boolean
  readonly maxBytes: number
  readonly body: string
  readonly attributes: MessageAttributes
}

const LETTER = 'lambent.deadLetter'
const SIZES = ['ExtendedPayloadSize', 'SQSLargePayloadSize']

/** Body and attributes of the original. A body that deadLetter() put into S3 comes back. */
export async function resendOf(
  letter: ParsedDeadLetter,
  sqs: SQS,
): Promise<{ readonly body: string; readonly attributes: MessageAttributes }> {
  const { body, attributes } = letter
  if (letter.format !== 'lambent' || !letter.pointer || !isClaimCheck(letter.pointer.key)) return { body, attributes }
  const own = Object.fromEntries(Object.entries(attributes).filter(([name]) => !SIZES.includes(name)))
  return { body: await payloadOf(letter.pointer, sqs), attributes: own }
}

/** deadLetter() names objects by 64 hexadecimal digits; other pointers are the sender's, and go back as they are. */
export function isClaimCheck(key: string): boolean {
  return /(^|\/)[0-9a-f]{64}$/.test(key)
}

/** @throws {Problem} where the object can't be read */
export async function payloadOf(pointer: { readonly bucket: string; readonly key: string }, sqs: SQS): Promise<string> {
  const { region, credentials } = sqs.config
  const endpoint = process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL
  const s3 = new S3({
    region,
    credentials,
    followRegionRedirects: true,
    ...(endpoint && { endpoint, forcePathStyle: true }),
  })
  try {
    const { Body } = await s3.getObject({ Bucket: pointer.bucket, Key: pointer.key })
    return (await Body?.transformToString()) ?? ''
  } catch (error) {
    throw new Problem(`its body is in s3://${pointer.bucket}/${pointer.key}, which can’t be read: ${sayingOf(error)}`)
  } finally {
    s3.destroy()
  }
}

export interface RoundEntry {
  readonly resend: Resend
  /** Of a FIFO queue: only what is of other groups may be on its way at the same time. */
  readonly group: string | undefined
}

/** Calls of one queue each, at most `most` messages and as many bytes as it takes, no two of one message group. */
export function roundsOf(resends: readonly Resend[], most = 10): RoundEntry[][] {
  const rounds: {
    readonly url: string
    readonly groups: Set<string>
    bytes: number
    readonly entries: RoundEntry[]
  }[] = []
  for (const resend of resends) {
    const { url, fifo, found, maxBytes } = resend
    const group = fifo ? `${url} ${groupOf(found)}` : undefined
    const bytes = bytesOf(resend)
    // After the last round that has its group, so that order stays.
    const from = group === undefined ? 0 : rounds.findLastIndex(({ groups }) => groups.has(group)) + 1
    const round = rounds.find(
      (round, index) =>
        index >= from && round.url === url && round.entries.length < most && round.bytes + bytes <= maxBytes,
    )
    const entry = { resend, group }
    if (round) {
      round.entries.push(entry)
      round.bytes += bytes
      if (group !== undefined) round.groups.add(group)
    } else rounds.push({ url, groups: new Set(group === undefined ? [] : [group]), bytes, entries: [entry] })
  }
  return rounds.map(({ entries }) => entries)
}

/** Sends them in one call, or each alone where one of them makes the call invalid: for each undefined, or why it failed. */
export async function sendOnce(sqs: SQS, url: string, resends: readonly Resend[]): Promise<(string | undefined)[]> {
  try {
    const { Successful = [], Failed = [] } = await sqs.sendMessageBatch({
      QueueUrl: url,
      Entries: resends.map(entryOf),
    })
    const done = new Set(Successful.map(({ Id }) => Id))
    return resends.map((_, index) => {
      if (done.has(`${index}`)) return undefined
      const failure = Failed.find(({ Id }) => Id === `${index}`)
      return failure ? `${failure.Code}: ${failure.Message ?? ''}` : 'the answer of SQS does not name it'
    })
  } catch (error) {
    const { $fault, $retryable } = Object(error) as { readonly $fault?: unknown; readonly $retryable?: unknown }
    if (resends.length === 1 || $fault !== 'client' || $retryable) return resends.map(() => sayingOf(error))
    return (await Promise.all(resends.map(each => sendOnce(sqs, url, [each])))).flat()
  }
}

function entryOf(resend: Resend, index: number): SendMessageBatchRequestEntry {
  const { found, body, fifo } = resend
  const trace = found.message.Attributes?.AWSTraceHeader
  const group = groupOf(found)
  return {
    Id: `${index}`,
    MessageBody: body,
    MessageAttributes: Object.fromEntries(
      Object.entries(attributesOf(resend)).map(([name, { dataType, stringValue, binaryValue }]) => [
        name,
        { DataType: dataType, StringValue: stringValue, BinaryValue: binaryValue },
      ]),
    ),
    ...(trace && { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } } }),
    ...((fifo || found.letter.origin?.groupId) && { MessageGroupId: group }),
    // Of the dead letter, not of the original: SQS would drop what has the id of one that it took minutes ago.
    ...(fifo && { MessageDeduplicationId: `redrive-${found.id}` }),
  }
}

function groupOf({ letter, message, id }: Found): string {
  return letter.origin?.groupId ?? message.Attributes?.MessageGroupId ?? id
}

const MOST_ATTRIBUTES = 10

/** With the letter where there is room: should it fail again, `times` and `firstAt` go on. */
function attributesOf({ attributes, body, found, maxBytes }: Resend): MessageAttributes {
  const own = found.message.MessageAttributes?.[LETTER]?.StringValue
  if (own === undefined || Object.keys(attributes).length >= MOST_ATTRIBUTES) return attributes
  const whole = { ...attributes, [LETTER]: { dataType: 'String', stringValue: own } }
  return sizeOf(body, whole) <= maxBytes ? whole : attributes
}

function bytesOf(resend: Resend): number {
  return sizeOf(resend.body, attributesOf(resend))
}

/** As SQS counts: body, and names, types and values of attributes. */
function sizeOf(body: string, attributes: MessageAttributes): number {
  return Object.entries(attributes).reduce(
    (sum, [name, { dataType, stringValue = '', binaryValue }]) =>
      sum +
      Buffer.byteLength(name) +
      Buffer.byteLength(dataType) +
      Buffer.byteLength(stringValue) +
      (binaryValue?.byteLength ?? 0),
    Buffer.byteLength(body),
  )
}
