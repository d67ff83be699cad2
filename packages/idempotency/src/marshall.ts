// What JSON has as a native value of DynamoDB, as Powertools stores results.
import type { AttributeValue } from '@lambent/aws/dynamodb'
import { unmarshallValue } from '@lambent/core/dynamodb'

export type { AttributeValue }

export function marshallJson(value: unknown): AttributeValue {
  if (value === null) return { NULL: true }
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'boolean') return { BOOL: value }
  if (typeof value === 'number') return { N: numberText(value) }
  if (Array.isArray(value)) return { L: value.map(marshallJson) }
  return { M: Object.fromEntries(Object.entries(Object(value)).map(([key, inner]) => [key, marshallJson(inner)])) }
}

/** DynamoDB has 38 digits and exponents to 125. What is smaller is none, what is larger is no result of JSON's that fits. */
function numberText(value: number): string {
  if (Math.abs(value) > 0 && Math.abs(value) < 1e-130) return '0'
  return `${value}`
}

/** What Powertools may have stored, sets, bytes and bigints too. An integer with the digits of a number is one. */
export function unmarshallJson(value: AttributeValue): unknown {
  if ('L' in value && value.L) return value.L.map(unmarshallJson)
  if ('M' in value && value.M)
    return Object.fromEntries(Object.entries(value.M).map(([key, inner]) => [key, unmarshallJson(inner)]))
  const plain = unmarshallValue(value as never)
  return typeof plain === 'bigint' && digits(`${plain}`) === digits(Number(plain).toExponential())
    ? Number(plain)
    : plain
}

const digits = (text: string) => text.replace(/e.*$|[-.]/g, '').replace(/0+$/, '')
