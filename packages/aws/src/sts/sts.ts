// AWS STS: AWS Query.
import type { CallOptions, ClientConfig } from '../client/client-config.ts'
import { type QueryProtocol, queryCall } from '../client/query.ts'
import { type Sender, sender } from '../client/send.ts'
import { STS_SERVICE } from '../client/services.ts'
import { child, textOf, textsOf, type XmlValue } from '../client/xml.ts'
import type * as T from './types.ts'

const PROTOCOL: QueryProtocol = {
  version: '2011-06-15',
  errors: code =>
    /^(MalformedPolicyDocument|PackedPolicyTooLarge|InvalidIdentityToken|IDPRejectedClaim|IDPCommunicationError)$/.test(
      code,
    )
      ? `${code}Exception`
      : code,
}

/**
 * The methods of the AWS SDK v3's `STS` that the middlewares call, with the same inputs, outputs and errors.
 * @throws {AwsError} from every method, with AWS's error code as its name
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/
 */
export class STS {
  readonly #sender: Sender

  constructor(config?: ClientConfig) {
    this.#sender = sender(STS_SERVICE, config)
  }

  async assumeRole(input: T.AssumeRoleInput, options?: CallOptions): Promise<T.AssumeRoleOutput> {
    return this.#sender.send(queryCall(PROTOCOL, 'AssumeRole', input, read), options)
  }

  /** Opens a connection, and finds credentials, before the first call: in Lambda's init phase. Never rejects. */
  connect(): Promise<void> {
    return this.#sender.connect()
  }
}

function read(result: XmlValue | undefined): Omit<T.AssumeRoleOutput, '$metadata'> {
  const credentials = child(result, 'Credentials')
  const user = child(result, 'AssumedRoleUser')
  const number = (name: string) => (textOf(result, name) ? { [name]: Number(textOf(result, name)) } : {})
  const text = (name: string) => textOf(credentials, name) ?? missing(name)
  const expiration = new Date(text('Expiration'))
  if (Number.isNaN(expiration.getTime())) missing('Expiration')
  return {
    ...textsOf(result),
    ...number('PackedPolicySize'),
    ...number('SessionTokenUtilization'),
    ...number('SessionTokenSize'),
    Credentials: {
      AccessKeyId: text('AccessKeyId'),
      SecretAccessKey: text('SecretAccessKey'),
      SessionToken: text('SessionToken'),
      Expiration: expiration,
    },
    ...(user && {
      AssumedRoleUser: { AssumedRoleId: textOf(user, 'AssumedRoleId') ?? '', Arn: textOf(user, 'Arn') ?? '' },
    }),
  }
}

function missing(name: string): never {
  throw new SyntaxError(`no ${name}`)
}
