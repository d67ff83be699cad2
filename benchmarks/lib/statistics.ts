// Medians, and how far they are to be trusted.

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** The 95 % interval of the median, by the percentiles of 2,000 bootstrap samples. */
export function interval(values: readonly number[]): readonly [low: number, high: number] {
  const medians = Array.from({ length: 2000 }, () =>
    median(Array.from(values, () => values[Math.floor(Math.random() * values.length)] ?? Number.NaN)),
  ).toSorted((a, b) => a - b)
  return [medians[50] ?? Number.NaN, medians[1949] ?? Number.NaN]
}

/** The same, to one digit. */
export function roundedInterval(values: readonly number[]): readonly [low: number, high: number] {
  const [low, high] = interval(values)
  return [rounded(low), rounded(high)]
}

/** What each round gave over what the same round gave for another. */
export const differences = (values: readonly number[], over: readonly number[]): readonly number[] =>
  values.map((value, round) => value - (over[round] ?? Number.NaN))

export const ratios = (values: readonly number[], over: readonly number[]): readonly number[] =>
  values.map((value, round) => value / (over[round] ?? Number.NaN))

export const rounded = (value: number, digits = 1): number => Number(value.toFixed(digits))

/** In random order, each order as likely as any other. */
export function shuffled<T>(values: readonly T[]): T[] {
  const left = [...values]
  return values.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0] as T)
}
