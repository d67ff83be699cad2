// `--edit module`: changes messages on their way back.

import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { MessageAttribute, MessageAttributes, ParsedDeadLetter } from '@lambent/dead-letter'
import { Problem, sayingOf } from '../problem.ts'

export interface RedriveMessage {
  /** Text, as it will be sent. */
  readonly body: string
  readonly attributes: MessageAttributes
  /** Why it is a dead letter, and where it came from. */
  readonly letter: ParsedDeadLetter
}

export type Edited = { readonly body?: string; readonly attributes?: MessageAttributes } | null | undefined

/**
 * The default export of the module: what is to be sent instead; undefined: as it is; null: it stays where it is. An error
 * leaves the message where it is, too.
 */
export type Edit = (message: RedriveMessage) => Edited | Promise<Edited>

/** @throws {Problem} where the file is no such module */
export async function loadEdit(file: string): Promise<Edit> {
  const url = pathToFileURL(resolve(file)).href
  let loaded: { readonly default?: unknown }
  try {
    loaded = await import(url)
  } catch (error) {
    throw new Problem(`${file} can’t be loaded: ${sayingOf(error)}`)
  }
  if (typeof loaded.default !== 'function')
    throw new Problem(`${file} has to export a function as its default: ({ body, attributes, letter }) => ({ body })`)
  return loaded.default as Edit
}

/** What the edit gives, checked; null where the message stays. */
export async function edited(edit: Edit | undefined, message: RedriveMessage): Promise<RedriveMessage | null> {
  const change = edit && (await edit(message))
  if (change === undefined) return message
  if (change === null) return null
  const { body = message.body, attributes = message.attributes } = Object(change) as Exclude<Edited, null | undefined>
  if (typeof change !== 'object' || typeof body !== 'string' || body === '' || !areAttributes(attributes))
    throw new TypeError(
      'the edit has to give { body } with a text that is not empty, { attributes } as it got them, undefined or null',
    )
  return { ...message, body, attributes }
}

function areAttributes(given: unknown): given is MessageAttributes {
  return (
    typeof given === 'object' &&
    given !== null &&
    Object.values(given as MessageAttributes).every((each: Partial<MessageAttribute> | undefined) => {
      const { dataType, stringValue, binaryValue } = Object(each) as Partial<MessageAttribute>
      return typeof dataType === 'string' && (typeof stringValue === 'string' || binaryValue instanceof Uint8Array)
    })
  )
}
