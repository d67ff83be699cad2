// Amazon S3: REST, with errors in XML and bodies that stream.
import type { CallOptions, ClientConfig } from '../client/client-config.ts'
import type { Endpoint } from '../client/endpoint.ts'
import { AwsError } from '../client/errors.ts'
import type { WireResponse } from '../client/http.ts'
import { encode, headersOf, queryOf } from '../client/rest.ts'
import { type Call, type ErrorAnswer, type Sender, sender } from '../client/send.ts'
import { S3_SERVICE } from '../client/services.ts'
import { parseXml, textsOf } from '../client/xml.ts'
import { objectBody } from './object-body.ts'
import type * as T from './types.ts'

export interface S3Config extends ClientConfig {
  /** The bucket in the path instead of the host. @default false; always so at an endpoint of one's own */
  readonly forcePathStyle?: boolean | undefined
}

/**
 * The methods of the AWS SDK v3's `S3` that the middlewares call, with the same inputs, outputs and errors. Bodies that
 * are sent are text or bytes; those that are read are streams. Buckets are named by their names, not by ARNs.
 * @throws {AwsError} from every method, with AWS's error code as its name
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/
 */
export class S3 {
  readonly #sender: Sender
  readonly #pathStyle: boolean

  constructor({ forcePathStyle = false, ...config }: S3Config = {}) {
    this.#sender = sender(S3_SERVICE, config)
    this.#pathStyle = forcePathStyle
  }

  /** The body is to be read, or destroyed: until then it holds a connection. */
  async getObject(input: T.GetObjectInput, options?: CallOptions): Promise<T.GetObjectOutput<T.StreamingObjectBody>> {
    const call = this.#call('GetObject', 'GET', input, {}, response => ({
      ...headObjectOf(response),
      ...(response.stream && { Body: objectBody(response.stream) }),
    }))
    return this.#sender.send({ ...call, stream: true }, options)
  }

  async headObject(input: T.HeadObjectInput, options?: CallOptions): Promise<T.HeadObjectOutput> {
    return this.#sender.send(this.#call('HeadObject', 'HEAD', input, {}, headObjectOf), options)
  }

  async putObject(input: T.PutObjectInput, options?: CallOptions): Promise<T.PutObjectOutput> {
    const { Body = '', Metadata = {} } = input
    if (typeof Body !== 'string' && !(Body instanceof Uint8Array))
      throw new TypeError(
        'putObject({ Body }) takes a string or bytes: a stream can’t be sent again when an attempt fails',
      )
    const { createHash } = process.getBuiltinModule('node:crypto')
    const digest = createHash('sha256').update(Body).digest()
    const headers = headersOf({
      'cache-control': input.CacheControl,
      'content-disposition': input.ContentDisposition,
      'content-encoding': input.ContentEncoding,
      'content-language': input.ContentLanguage,
      'content-md5': input.ContentMD5,
      'content-type': input.ContentType ?? 'application/octet-stream',
      'x-amz-checksum-sha256': digest.toString('base64'),
      'x-amz-content-sha256': digest.toString('hex'),
      'x-amz-server-side-encryption': input.ServerSideEncryption,
      'x-amz-server-side-encryption-aws-kms-key-id': input.SSEKMSKeyId,
    })
    for (const [name, value] of Object.entries(Metadata)) headers[`x-amz-meta-${name.toLowerCase()}`] = value
    const call = this.#call('PutObject', 'PUT', input, headers, ({ headers: given }) => ({
      ETag: given.etag,
      Expiration: given['x-amz-expiration'],
      ServerSideEncryption: given['x-amz-server-side-encryption'] as T.ServerSideEncryption | undefined,
      VersionId: given['x-amz-version-id'],
      SSEKMSKeyId: given['x-amz-server-side-encryption-aws-kms-key-id'],
    }))
    return this.#sender.send({ ...call, body: Body }, options)
  }

  async deleteObject(input: T.DeleteObjectInput, options?: CallOptions): Promise<T.DeleteObjectOutput> {
    const call = this.#call('DeleteObject', 'DELETE', input, {}, ({ headers }) => ({
      VersionId: headers['x-amz-version-id'],
    }))
    return this.#sender.send(call, options)
  }

  /** Opens a connection, and finds credentials, before the first call: in Lambda's init phase. Never rejects. */
  connect(): Promise<void> {
    return this.#sender.connect()
  }

  #call<Output>(
    operation: string,
    method: string,
    input: Target,
    headers: Readonly<Record<string, string>>,
    read: (response: WireResponse) => Output,
  ): Call<Output> {
    const { Bucket, Key } = input
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(Bucket))
      throw new AwsError({
        name: 'InvalidBucketName',
        message: `S3 ${operation}: Bucket is no name of a bucket`,
        $fault: 'client',
        $service: 'S3',
      })
    if (typeof Key !== 'string' || Key === '')
      throw new AwsError({
        name: 'InvalidKey',
        message: `S3 ${operation}: Key is empty`,
        $fault: 'client',
        $service: 'S3',
      })
    // In a host name TLS takes no dots and no capitals.
    const inHost = (base: Endpoint) => !base.custom && !this.#pathStyle && /^[a-z0-9-]{3,63}$/.test(Bucket)
    return {
      operation,
      method,
      path: `/${Key.split('/').map(encode).join('/')}${queryOf({ versionId: input.VersionId })}`,
      headers: {
        ...headers,
        ...headersOf({
          'if-match': input.IfMatch,
          'if-none-match': input.IfNoneMatch,
          'if-modified-since': input.IfModifiedSince,
          'if-unmodified-since': input.IfUnmodifiedSince,
          range: input.Range,
          'x-amz-expected-bucket-owner': input.ExpectedBucketOwner,
        }),
      },
      body: '',
      endpoint: base =>
        inHost(base)
          ? { ...base, hostname: `${Bucket}.${base.hostname}`, host: `${Bucket}.${base.host}` }
          : { ...base, path: `${base.path}/${Bucket}` },
      read,
      readError,
    }
  }
}

/**
 * What a middleware takes for it: the AWS SDK's `S3` too, whose bodies may be other streams than Node's.
 */
export interface S3Port extends Pick<S3, 'headObject' | 'putObject' | 'deleteObject'> {
  getObject(input: T.GetObjectInput, options?: CallOptions): Promise<T.GetObjectOutput>
}

/** What all inputs may have. */
interface Target {
  readonly Bucket: string
  readonly Key: string
  readonly VersionId?: string | undefined
  readonly IfMatch?: string | undefined
  readonly IfNoneMatch?: string | undefined
  readonly IfModifiedSince?: Date | undefined
  readonly IfUnmodifiedSince?: Date | undefined
  readonly Range?: string | undefined
  readonly ExpectedBucketOwner?: string | undefined
}

function headObjectOf({ headers }: WireResponse): Omit<T.HeadObjectOutput, '$metadata'> {
  const length = headers['content-length']
  const modified = headers['last-modified']
  const metadata = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith('x-amz-meta-') && value !== undefined ? [[name.slice(11), value] as const] : [],
  )
  return {
    AcceptRanges: headers['accept-ranges'],
    CacheControl: headers['cache-control'],
    ContentDisposition: headers['content-disposition'],
    ContentEncoding: headers['content-encoding'],
    ContentLanguage: headers['content-language'],
    ContentLength: length === undefined ? undefined : Number(length),
    ContentRange: headers['content-range'],
    ContentType: headers['content-type'],
    ETag: headers.etag,
    Expiration: headers['x-amz-expiration'],
    LastModified: modified === undefined ? undefined : new Date(modified),
    Metadata: Object.fromEntries(metadata),
    ServerSideEncryption: headers['x-amz-server-side-encryption'] as T.ServerSideEncryption | undefined,
    SSEKMSKeyId: headers['x-amz-server-side-encryption-aws-kms-key-id'],
    VersionId: headers['x-amz-version-id'],
  }
}

const BY_STATUS: Readonly<Record<number, string>> = {
  304: 'NotModified',
  400: 'BadRequest',
  403: 'Forbidden',
  404: 'NotFound',
  412: 'PreconditionFailed',
}

function readError({ status, body }: WireResponse): ErrorAnswer | undefined {
  // HEAD has no body, and 304 neither.
  if (body.length === 0) return { name: BY_STATUS[status] ?? '', message: '' }
  const { name, value } = parseXml(body.toString('utf8'))
  if (name !== 'Error') return undefined
  const { Code = '', Message = '', RequestId: _, HostId: __, ...members } = textsOf(value)
  return { name: Code, message: Message, members: { Code, ...members } }
}
