import type { AttributeValue as LambdaAttributeValue } from 'aws-lambda'
import { expectTypeOf, it } from 'vitest'
import { type AttributeValue, unmarshall, unmarshallValue } from './dynamodb.ts'

it("takes aws-lambda's attribute values", () => {
  expectTypeOf<LambdaAttributeValue>().toExtend<AttributeValue>()
  expectTypeOf<{ [key: string]: LambdaAttributeValue }>().toExtend<Parameters<typeof unmarshall>[0]>()
})

// As @aws-sdk/client-dynamodb declares them, cut to three members and the one for types yet to come.
type Sdk =
  | { S: string; N?: never; B?: never; M?: never; L?: never; $unknown?: never }
  | { B: Uint8Array; S?: never; N?: never; M?: never; L?: never; $unknown?: never }
  | { M: Record<string, Sdk>; S?: never; N?: never; B?: never; L?: never; $unknown?: never }
  | { S?: never; N?: never; B?: never; M?: never; L?: never; $unknown: [string, unknown] }

it("takes the SDK's attribute values", () => {
  expectTypeOf<Sdk>().toExtend<AttributeValue>()
})

it('says nothing about the values that come out', () => {
  expectTypeOf(unmarshall({})).toEqualTypeOf<Record<string, unknown>>()
  expectTypeOf(unmarshallValue({ S: 'x' })).toBeUnknown()
})

it('refuses other options and plain values', () => {
  // @ts-expect-error
  unmarshall({}, { numbers: 'number' })
  // @ts-expect-error
  unmarshall({ a: 'x' })
})
