// DynamoDB's own JSON, `{ "total": { "N": "39.98" } }`, as JavaScript values. An entry of its own, `@lambent/core/dynamodb`:
// it shares nothing with the engine, so that neither weighs in the bundle of the other.

/**
 * One attribute value: exactly one of these keys. Those of `aws-lambda` and of the AWS SDK are assignable to it.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
 */
export interface AttributeValue {
  readonly S?: string | undefined
  /** A decimal number of up to 38 digits. */
  readonly N?: string | undefined
  /** Base64 as event records carry it, or the bytes as the SDK gives them. */
  readonly B?: string | Uint8Array | undefined
  readonly BOOL?: boolean | undefined
  readonly NULL?: boolean | undefined
  readonly M?: Readonly<Record<string, AttributeValue>> | undefined
  readonly L?: readonly AttributeValue[] | undefined
  readonly SS?: readonly string[] | undefined
  readonly NS?: readonly string[] | undefined
  readonly BS?: readonly (string | Uint8Array)[] | undefined
  /** In the types of clients, for what they do not know yet. There is no value of it. */
  readonly $unknown?: readonly [string, unknown] | undefined
}

export interface UnmarshallOptions {
  /**
   * `exact`: a number where that is exact (integers up to 2^53 - 1, and fractions whose decimal digits it gives back), a
   * bigint for other integers, the string of digits for other fractions. `string`: always the string as it came.
   * @default 'exact'
   */
  readonly numbers?: 'exact' | 'string' | undefined
}

/**
 * An item, its key or an image of it as a plain object. S is a string, N as `options.numbers` says, B a Uint8Array, BOOL
 * a boolean, NULL null, M an object, L an array, SS, NS and BS a Set. Attributes named `__proto__` are own properties.
 * @throws {TypeError} with `retryable` false for what is no attribute value; the message has its path, not the value
 */
export function unmarshall(
  image: Readonly<Record<string, AttributeValue>>,
  options?: UnmarshallOptions,
): Record<string, unknown> {
  return map(image, options?.numbers === 'string', [])
}

/**
 * One attribute value, as {@link unmarshall} does it.
 * @throws {TypeError} as `unmarshall`
 */
export function unmarshallValue(value: AttributeValue, options?: UnmarshallOptions): unknown {
  return one(value, options?.numbers === 'string', [])
}

/** Where we are: pushed before going in and popped after coming out, so that it is the path when something throws. */
type Path = (string | number)[]

const DEPTH = 100 // DynamoDB nests 32 levels; more than this is not from there, and must not exhaust the stack

function one(value: unknown, strings: boolean, path: Path): unknown {
  if (typeof value !== 'object' || value === null) throw malformed(path, 'an object with a type such as S or N')
  let type: string | undefined
  for (const key in value) {
    if (value[key as keyof typeof value] === undefined) continue
    if (type !== undefined) throw malformed(path, 'one type, not several')
    type = key
  }
  const given: unknown = value[type as keyof typeof value]
  switch (type) {
    case 'S':
      return text(given, path)
    case 'N':
      return number(given, strings, path)
    case 'B':
      return bytes(given, path)
    case 'BOOL':
      if (typeof given === 'boolean') return given
      throw malformed(path, 'true or false in BOOL')
    case 'NULL':
      if (given === true) return null
      throw malformed(path, 'true in NULL')
    case 'M':
      return map(given, strings, path)
    case 'L':
      return list(given, 'L', path, item => one(item, strings, path))
    case 'SS':
      return new Set(list(given, 'SS', path, item => text(item, path)))
    case 'NS':
      return new Set(list(given, 'NS', path, item => number(item, strings, path)))
    case 'BS':
      return new Set(list(given, 'BS', path, item => bytes(item, path)))
    default:
      throw malformed(path, 'one of the types S, N, B, BOOL, NULL, M, L, SS, NS, BS')
  }
}

function map(value: unknown, strings: boolean, path: Path): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(path, 'an object of named attribute values')
  if (path.length > DEPTH) throw malformed(path.slice(0, 3), 'no more than 32 levels below it')
  const plain: Record<string, unknown> = {}
  for (const [key, attribute] of Object.entries(value)) {
    path.push(key)
    const item = one(attribute, strings, path)
    path.pop()
    if (key === '__proto__') Object.defineProperty(plain, key, { value: item, ...OWN })
    else plain[key] = item
  }
  return plain
}

const OWN = { enumerable: true, configurable: true, writable: true }

function list<Item>(value: unknown, type: string, path: Path, item: (value: unknown) => Item): Item[] {
  if (!Array.isArray(value)) throw malformed(path, `an array in ${type}`)
  if (path.length > DEPTH) throw malformed(path.slice(0, 3), 'no more than 32 levels below it')
  const items: Item[] = []
  for (const [index, each] of value.entries()) {
    path.push(index)
    items.push(item(each))
    path.pop()
  }
  return items
}

function text(value: unknown, path: Path): string {
  if (typeof value === 'string') return value
  throw malformed(path, 'a string')
}

const BASE64 = /^[\w+/]*={0,2}$/ // `\w` has one character too many: see below

function bytes(value: unknown, path: Path): Uint8Array {
  if (value instanceof Uint8Array) return value
  // Buffer skips what is not base64 without a word.
  if (typeof value === 'string' && value.length % 4 === 0 && BASE64.test(value) && !value.includes('_'))
    return new Uint8Array(Buffer.from(value, 'base64'))
  throw malformed(path, 'base64 or a Uint8Array')
}

function number(value: unknown, strings: boolean, path: Path): number | bigint | string {
  const decimal = typeof value === 'string' && parseDecimal(value)
  if (!decimal) throw malformed(path, 'a decimal number of up to 38 digits, 1E-130 to 9.9E+125, as a string')
  if (strings) return value
  const near = Number(value)
  const { negative, digits, exponent } = decimal
  if (exponent < 0) {
    const back = parseDecimal(String(near))
    return back && back.digits === digits && back.exponent === exponent ? near : value
  }
  if (Number.isSafeInteger(near)) return near + 0 // no negative zero: DynamoDB has none
  const whole = BigInt(digits + '0'.repeat(exponent))
  return negative ? -whole : whole
}

/** ± digits × 10^exponent, with no zero at either end of the digits. */
interface Decimal {
  readonly negative: boolean
  readonly digits: string
  readonly exponent: number
}

const DECIMAL = /^([+-]?)(\d{0,200})(?:\.(\d{0,200}))?(?:[eE]([+-]?\d{1,3}))?$/

/**
 * What `text` says to the last digit, or undefined where it is no number of DynamoDB's.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
function parseDecimal(text: string): Decimal | undefined {
  const [matched, sign, whole = '', fraction = '', power = '0'] = DECIMAL.exec(text) ?? []
  if (matched === undefined || whole + fraction === '') return undefined
  const significant = (whole + fraction).replace(/^0+/, '')
  const digits = significant.replace(/0+$/, '')
  if (digits === '') return { negative: false, digits: '0', exponent: 0 }
  const exponent = Number(power) - fraction.length + significant.length - digits.length
  const magnitude = exponent + digits.length - 1
  return digits.length <= 38 && magnitude >= -130 && magnitude <= 125
    ? { negative: sign === '-', digits, exponent }
    : undefined
}

// The engine's errors would be shared code between two entries; `retryable` is what `classify` reads.
function malformed(path: Path, expected: string): TypeError {
  const at = path.map(key =>
    typeof key === 'number' ? `[${key}]` : /^\w+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
  )
  const where = path.length === 0 ? '' : ` at ${at.join('').replace(/^\./, '')}`
  return Object.assign(new TypeError(`malformed DynamoDB attribute value${where}: expected ${expected}`), {
    code: 'MalformedAttributeValue',
    retryable: false,
  })
}
