// Dead letters of `deadLetter()`, as a message with its attribute, or as one document.
import { attributesOf, type MessageAttributes } from './attributes.ts'
import { decodeBody } from './body.ts'
import type { Carried } from './carrier.ts'
import { defined, jsonObject, type Loose, millis, object } from './json.ts'
import { FORMAT, type Letter } from './letter.ts'
import type { Lambent, ParsedCommon } from './parsed.ts'
import { pointerOf, saysPointer } from './pointer.ts'
import { readLetter } from './read-letter.ts'

/**
 * Undefined where it is none of ours; a text where it is, and cannot be read. A letter that went back to its queue with
 * its message is none any more once the redrive policy of that queue has moved the message: `letterBefore` has it.
 */
export function parseLambent(carried: Carried): Lambent | string | undefined {
  const { [FORMAT]: own, ...attributes } = carried.attributes
  if (own) {
    const json = jsonObject(own.stringValue)
    const letter = json ? readLetter(json) : 'it is no JSON object'
    if (typeof letter === 'string') return `the attribute ${FORMAT} cannot be read: ${letter}`
    if (carried.system.DeadLetterQueueSourceArn === letter.origin.sourceArn && letter.origin.sourceArn) return undefined
    return lambent(letter, carried.body, attributes, carried.messageId)
  }
  const document = documentIn(carried.json)
  if (!document) return undefined
  const letter = readLetter(document)
  if (typeof letter === 'string') return `the document of the format ${FORMAT} cannot be read: ${letter}`
  if (typeof document.body !== 'string') return `the document of the format ${FORMAT} cannot be read: it has no body`
  return lambent(letter, document.body, attributesOf(document.attributes), carried.messageId)
}

/** The letter of a message that a redrive policy has moved since. */
export function letterBefore({ [FORMAT]: own }: MessageAttributes): Letter | undefined {
  const letter = readLetter(jsonObject(own?.stringValue) ?? {})
  return typeof letter === 'string' ? undefined : letter
}

/** The document itself, or the event whose detail it is. */
function documentIn(json: Loose | undefined): Loose | undefined {
  if (json?.format === FORMAT) return json
  const detail = typeof json?.['detail-type'] === 'string' ? object(json.detail) : undefined
  return detail?.format === FORMAT ? detail : undefined
}

function lambent(letter: Letter, body: string, beside: MessageAttributes, messageId: string | undefined): Lambent {
  const { error, origin, at, firstAt } = letter
  const { source, sourceArn, id, groupId, receiveCount, firstReceivedAt, sentAt, messageAttributes } = origin
  // What a claim check of ours says is not of the original; where that was a pointer itself, the body is text of its.
  const pointer = saysPointer(beside) ? pointerOf(body) : undefined
  const attributes = { ...attributesOf(messageAttributes), ...beside }
  const common: Omit<ParsedCommon, 'body'> = defined({
    attributes,
    messageId,
    error,
    origin: defined({ source, sourceArn, functionArn: letter.function?.arn, id, groupId }),
    receiveCount,
    firstAt: millis(firstAt) ?? millis(firstReceivedAt) ?? millis(sentAt),
    lastAt: millis(at),
  }) as Omit<ParsedCommon, 'body'>
  const parsed = { format: 'lambent' as const, body, ...common, letter }
  if (pointer) return { ...parsed, pointer }
  try {
    const payload = decodeBody({ body, encoding: letter.encoding })
    return { ...parsed, ...(payload !== undefined && { payload }) }
  } catch (problem) {
    return { ...parsed, problem: (problem as Error).message }
  }
}
