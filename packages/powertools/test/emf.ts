// Metrics as CloudWatch would read them from lines of a log: by the JSON schema of the format, and by what it says besides.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'

const schema = JSON.parse(readFileSync(join(import.meta.dirname, 'emf.schema.json'), 'utf8'))
const isEmf = new Ajv({ strict: true }).compile(schema)

interface Document {
  readonly _aws: {
    readonly Timestamp: number
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string
      readonly Dimensions: readonly (readonly string[])[]
      readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[]
    }[]
  }
  readonly [member: string]: unknown
}

export interface Blob {
  readonly namespace: string
  readonly dimensions: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, number | readonly number[]>>
  readonly units: Readonly<Record<string, string | undefined>>
}

/** @throws where a line is no valid document of the format, or would be rejected for what its members are */
export function blobOf(line: string): Blob {
  const document: Document = JSON.parse(line)
  if (!isEmf(document)) throw new Error(`no EMF: ${JSON.stringify(isEmf.errors)} in ${line}`)
  if (Buffer.byteLength(line) > 256 * 1024) throw new Error('an event of a log has at most 256 KiB')
  if (Math.abs(document._aws.Timestamp - Date.now()) > 2 * 3600_000) throw new Error('the time is off')
  const [directive, ...more] = document._aws.CloudWatchMetrics
  if (!directive || more.length > 0) throw new Error('expected one directive')
  const values: Record<string, number | readonly number[]> = {}
  const units: Record<string, string | undefined> = {}
  for (const { Name, Unit } of directive.Metrics) {
    const value = document[Name]
    const all = Array.isArray(value) ? value : [value]
    if (all.length > 100 || !all.every(each => typeof each === 'number' && Number.isFinite(each)))
      throw new Error(`${Name} has no value, or too many`)
    values[Name] = value as number | readonly number[]
    units[Name] = Unit
  }
  const dimensions = Object.fromEntries(
    directive.Dimensions.flat().map(name => {
      const value = document[name]
      if (typeof value !== 'string' || value.length < 1 || value.length > 1024) throw new Error(`${name} has no value`)
      return [name, value]
    }),
  )
  return { namespace: directive.Namespace, dimensions, values, units }
}
