// Numbers that come as digits: message attributes of SQS and SNS.

/** Such a number has up to 38 digits: where that is more than a number of JavaScript holds, it stays their string. */
export function exactNumber(digits: string): number | string {
  const value = Number(digits)
  const shortest = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
  return String(value) === shortest && (Number.isSafeInteger(value) || !Number.isInteger(value)) ? value : digits
}
