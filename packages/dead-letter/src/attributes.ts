// Message attributes, which SQS, the events of Lambda and SNS each spell in their own way.
import { defined, type Loose, object } from './json.ts'
import type { StoredAttribute } from './letter.ts'

export interface MessageAttribute {
  /** `String`, `Number`, `Binary`, of SNS `String.Array`, or one of these with a label: `Number.float`. */
  readonly dataType: string
  readonly stringValue?: string
  readonly binaryValue?: Uint8Array
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>

/**
 * Attributes as the SDK gives them (`DataType`), as records of Lambda have them (`dataType`), or as SNS writes them into
 * notifications (`Type`, `Value`). What is none of these is left out.
 */
export function attributesOf(given: unknown): MessageAttributes {
  const found: [string, MessageAttribute][] = []
  for (const [name, value] of Object.entries(object(given) ?? {})) {
    const attribute = object(value) && attributeOf(value as Loose)
    if (attribute) found.push([name, attribute])
  }
  return Object.fromEntries(found)
}

function attributeOf(value: Loose): MessageAttribute | undefined {
  const dataType = value.DataType ?? value.dataType ?? value.Type
  if (typeof dataType !== 'string' || dataType === '') return undefined
  const binary = dataType.startsWith('Binary')
  const content = binary
    ? (value.BinaryValue ?? value.binaryValue ?? value.Value)
    : (value.StringValue ?? value.stringValue ?? value.Value)
  if (binary && content instanceof Uint8Array) return { dataType, binaryValue: content }
  if (typeof content !== 'string') return undefined
  return binary
    ? { dataType, binaryValue: new Uint8Array(Buffer.from(content, 'base64')) }
    : { dataType, stringValue: content }
}

/** As JSON has them, or undefined for none. */
export function storedAttributes(attributes: MessageAttributes): Readonly<Record<string, StoredAttribute>> | undefined {
  const entries = Object.entries(attributes)
  if (entries.length === 0) return undefined
  return Object.fromEntries(
    entries.map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      defined({
        dataType,
        stringValue,
        binaryValue: binaryValue && Buffer.from(binaryValue).toString('base64'),
      }) as StoredAttribute,
    ]),
  )
}

/** As the clients of SQS and SNS take them. */
export interface WireAttribute {
  DataType: string
  StringValue?: string
  BinaryValue?: Uint8Array
}

export function wireAttributes(attributes: MessageAttributes): Record<string, WireAttribute> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      defined({ DataType: dataType, StringValue: stringValue, BinaryValue: binaryValue }) as WireAttribute,
    ]),
  )
}

/** What SQS counts: names, types and values. */
export function attributeBytes(attributes: MessageAttributes): number {
  let bytes = 0
  for (const [name, { dataType, stringValue = '', binaryValue }] of Object.entries(attributes))
    bytes +=
      Buffer.byteLength(name) +
      Buffer.byteLength(dataType) +
      Buffer.byteLength(stringValue) +
      (binaryValue?.byteLength ?? 0)
  return bytes
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
const NAME = /^(?![Aa][Ww][Ss]\.|[Aa][Mm][Aa][Zz][Oo][Nn]\.)(?!.*\.\.)[\w-][\w.-]{0,254}[\w-]$|^[\w-]$/

/** Whether SQS would take it as it is. */
export function isSendable(name: string, { stringValue, binaryValue }: MessageAttribute): boolean {
  return NAME.test(name) && (binaryValue ? binaryValue.byteLength > 0 : stringValue !== undefined && stringValue !== '')
}
