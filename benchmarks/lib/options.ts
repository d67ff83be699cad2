// The options of a suite, from the command line. A run with any of them is one of a part, which publishes nothing.
import { type ParseArgsConfig, parseArgs } from 'node:util'

type Options = NonNullable<ParseArgsConfig['options']>
type Parsed<T extends Options> = ReturnType<typeof parseArgs<{ options: T; args: string[] }>>['values']

/** @throws {TypeError} for an option that the suite does not have */
export function options<const T extends Options>(known: T): { readonly values: Parsed<T>; readonly partial: boolean } {
  const args = process.argv.slice(2)
  const { values } = parseArgs({ options: known, args })
  return { values, partial: args.length > 0 }
}
