// Results that do not fit into a record: in S3, with a pointer in the record.
import { S3, type S3Port } from '@lambent/aws/s3'
import { ResultError } from './codec.ts'

export interface LargeResultsOptions {
  readonly bucket: string
  /** @default 'idempotency-results/' */
  readonly prefix?: string | undefined
  /** @default the client of @lambent/aws */
  readonly client?: Pick<S3Port, 'putObject' | 'getObject'> | undefined
}

export interface LargeResults {
  /** Stores the text and gives what the record says instead. */
  put(id: string, text: string): Promise<string>
  /** The text that a record's data stands for. */
  get(data: string): Promise<string>
}

const POINTER = /^\{"\$lambent":\["s3","([^"]+)"\]\}$/

export function largeResults({
  bucket,
  prefix = 'idempotency-results/',
  client = new S3(),
}: LargeResultsOptions): LargeResults {
  if (typeof bucket !== 'string' || bucket === '')
    throw new TypeError('idempotent({ largeResults: { bucket } }) takes the name of a bucket')
  return {
    async put(id, text) {
      const digest = process.getBuiltinModule('node:crypto').createHash('sha256').update(id).update(text).digest('hex')
      const Key = `${prefix}${digest}`
      await client.putObject({ Bucket: bucket, Key, Body: text, ContentType: 'application/json' })
      return `{"$lambent":["s3","${Key}"]}`
    },
    async get(data) {
      const [, Key] = POINTER.exec(data) ?? []
      if (!Key) return data
      const { Body } = await client.getObject({ Bucket: bucket, Key })
      if (!Body) throw new ResultError('the result of the first unit is in S3 no more')
      return Body.transformToString()
    },
  }
}
