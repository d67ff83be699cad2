import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classify } from './classify.ts'
import { type AttributeValue, unmarshall, unmarshallValue } from './dynamodb.ts'

const n = (text: string) => unmarshallValue({ N: text })
const thrown = (work: () => unknown): Error => {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

describe('numbers', () => {
  it('are numbers where that is exact, bigints for other integers, the string for other fractions', () => {
    expect(n('0')).toBe(0)
    expect(n('-0')).toBe(0)
    expect(n('-39.98')).toBe(-39.98)
    expect(n('0.10')).toBe(0.1)
    expect(n('.5')).toBe(0.5)
    expect(n('1E+3')).toBe(1000)
    expect(n('15e-1')).toBe(1.5)
    expect(n('9007199254740991')).toBe(9007199254740991)
    expect(n('9007199254740992')).toBe(9007199254740992n)
    expect(n('9007199254740993')).toBe(9007199254740993n)
    expect(n('-12345678901234567890123456789012345678')).toBe(-12345678901234567890123456789012345678n)
    expect(n('9.9E+125')).toBe(99n * 10n ** 124n)
    expect(n('0.1234567890123456789')).toBe('0.1234567890123456789')
    expect(n('1E-130')).toBe(1e-130)
  })

  it('no digit is ever lost: any integer comes back', () => {
    const digits38 = 10n ** 38n - 1n
    fc.assert(
      fc.property(fc.bigInt(-digits38, digits38), integer => {
        const value = n(String(integer))
        expect(typeof value).toBe(Number.isSafeInteger(Number(integer)) ? 'number' : 'bigint')
        expect(BigInt(value as number | bigint)).toBe(integer)
      }),
    )
  })

  it('no digit is ever lost: any decimal fraction prints as it came', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 30n), fc.integer({ min: 1, max: 30 }), (whole, scale) => {
        const all = String(whole).padStart(scale + 1, '0')
        const text = `${all.slice(0, -scale)}.${all.slice(-scale)}`
        const value = n(text)
        if (typeof value === 'string') {
          expect(value).toBe(text)
          return
        }
        const [digits = '', exponent = '0'] = String(value).split('e')
        const [integer = '', fraction = ''] = digits.split('.')
        // value × 10^scale, in integers
        const shift = Number(exponent) - fraction.length + scale
        const shifted = shift >= 0 ? BigInt(integer + fraction) * 10n ** BigInt(shift) : undefined
        expect(shifted).toBe(whole)
      }),
    )
  })

  it("any finite double in DynamoDB's range comes back as itself", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), double => {
        fc.pre(double === 0 || Math.abs(double) > 1e-130)
        expect(n(String(double))).toBe(double + 0)
      }),
    )
  })

  it("with 'string' are the string as it came, in sets too", () => {
    const image = { a: { N: '1.50' }, b: { NS: ['1', '2'] }, c: { L: [{ M: { d: { N: '3' } } }] } }
    expect(unmarshall(image, { numbers: 'string' })).toStrictEqual({
      a: '1.50',
      b: new Set(['1', '2']),
      c: [{ d: '3' }],
    })
  })

  it.each([
    '',
    '.',
    'e1',
    'NaN',
    'Infinity',
    '0x10',
    ' 1',
    '1 ',
    '1_000',
    '1e',
    '1e126',
    '1e-131',
    '1'.repeat(39),
    '1e999999999',
  ])('%j is malformed', text => expect(() => n(text)).toThrow(/expected a decimal number/))
})

describe('types', () => {
  it('each becomes its JavaScript value', () => {
    const image = {
      S: { S: '' },
      B: { B: 'AQID' },
      bytes: { B: Uint8Array.of(4) },
      BOOL: { BOOL: false },
      NULL: { NULL: true },
      M: { M: { L: { L: [{ S: 'x' }, { NULL: true }] } } },
      SS: { SS: ['a', 'b'] },
      NS: { NS: ['1', '9007199254740993', '0.5'] },
      BS: { BS: ['AQ==', Uint8Array.of(2)] },
    }
    expect(unmarshall(image)).toStrictEqual({
      S: '',
      B: Uint8Array.of(1, 2, 3),
      bytes: Uint8Array.of(4),
      BOOL: false,
      NULL: null,
      M: { L: ['x', null] },
      SS: new Set(['a', 'b']),
      NS: new Set([1, 9007199254740993n, 0.5]),
      BS: new Set([Uint8Array.of(1), Uint8Array.of(2)]),
    })
  })

  it('keys that are undefined do not count', () => {
    expect(unmarshallValue({ S: 'x', N: undefined })).toBe('x')
  })

  it('any value comes back from its marshalled form', () => {
    const { value } = fc.letrec<{ value: { plain: unknown; marshalled: AttributeValue } }>(tie => ({
      value: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.string().map(s => ({ plain: s, marshalled: { S: s } })),
        fc.boolean().map(b => ({ plain: b, marshalled: { BOOL: b } })),
        fc.constant({ plain: null, marshalled: { NULL: true } }),
        fc.maxSafeInteger().map(i => ({ plain: i + 0, marshalled: { N: String(i) } })),
        fc.uint8Array().map(b => ({ plain: b, marshalled: { B: Buffer.from(b).toString('base64') } })),
        fc.uniqueArray(fc.string()).map(s => ({ plain: new Set(s), marshalled: { SS: s } })),
        fc.array(tie('value'), { maxLength: 4 }).map(all => ({
          plain: all.map(each => each.plain),
          marshalled: { L: all.map(each => each.marshalled) },
        })),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }).map(all => ({
          plain: Object.fromEntries(Object.entries(all).map(([key, each]) => [key, each.plain])),
          marshalled: { M: Object.fromEntries(Object.entries(all).map(([key, each]) => [key, each.marshalled])) },
        })),
      ),
    }))
    fc.assert(
      fc.property(value, ({ plain, marshalled }) => {
        expect(unmarshallValue(marshalled)).toStrictEqual(plain)
      }),
    )
  })
})

describe('keys that could pollute', () => {
  it('__proto__ is an own property and changes no prototype', () => {
    const image = JSON.parse('{"__proto__":{"M":{"admin":{"BOOL":true}}},"constructor":{"M":{"prototype":{"S":"x"}}}}')
    const item = unmarshall(image)
    expect(Object.getPrototypeOf(item)).toBe(Object.prototype)
    expect(Object.keys(item)).toEqual(['__proto__', 'constructor'])
    expect((item as { admin?: unknown }).admin).toBeUndefined()
    expect(({} as { admin?: unknown }).admin).toBeUndefined()
  })

  it('an inherited type is not taken for a value', () => {
    expect(() => unmarshallValue(JSON.parse('{"toString":"x"}'))).toThrow(/one of the types/)
    expect(() => unmarshallValue({})).toThrow(/one of the types/)
  })
})

describe('malformed values', () => {
  it('the message has the path and not the value', () => {
    const image = { order: { M: { lines: { L: [{ S: 'a' }, { M: { 'odd key': { N: 'secret' } } }] } } } }
    const error = thrown(() => unmarshall(image))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toBe(
      'malformed DynamoDB attribute value at order.lines[1]["odd key"]: ' +
        'expected a decimal number of up to 38 digits, 1E-130 to 9.9E+125, as a string',
    )
  })

  it('are permanent', () => {
    const error = thrown(() => unmarshall({ a: {} }))
    expect(classify(error)).toBe('permanent')
    expect(error).toMatchObject({ code: 'MalformedAttributeValue' })
  })

  it.each<[string, unknown]>([
    ['a number instead of a string', { N: 1 }],
    ['a string in BOOL', { BOOL: 'true' }],
    ['false in NULL', { NULL: false }],
    ['a number in S', { S: 1 }],
    ['null in S', { S: null }],
    ['an object in L', { L: {} }],
    ['an array in M', { M: [] }],
    ['null in M', { M: null }],
    ['a null attribute', { M: { a: null } }],
    ['a plain value as an attribute', { M: { a: 'x' } }],
    ['bytes that are not base64', { B: 'a_b-' }],
    ['base64 that was cut off', { B: 'AQI' }],
    ['a number in NS', { NS: [1] }],
    ['a bare string in SS', { SS: 'a' }],
    ['two types', { S: 'x', N: '1' }],
    ['an unknown type', { Z: 1 }],
    ['null', null],
    ['a string', 'x'],
  ])('%s', (_, value) => {
    expect(() => unmarshallValue(value as AttributeValue)).toThrow(/^malformed DynamoDB attribute value/)
  })

  it.each(['M', 'L'])('100,000 levels of %s are an error of their own, not an exhausted stack', type => {
    let value: AttributeValue = { S: 'x' }
    for (let i = 0; i < 100_000; i++) value = type === 'M' ? { M: { a: value } } : { L: [value] }
    expect(() => unmarshallValue(value)).toThrow(/no more than 32 levels/)
  })

  it('anything at all is either converted or a TypeError', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('S', 'N', 'B', 'M', 'L', 'BS', 'NULL', '__proto__'), fc.anything()),
        value => {
          try {
            unmarshallValue(value as AttributeValue)
          } catch (error) {
            expect(error).toBeInstanceOf(TypeError)
            expect((error as Error).message).toMatch(/^malformed/)
          }
        },
      ),
    )
  })
})
