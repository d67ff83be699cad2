// Amazon SNS: AWS Query.
import type { CallOptions, ClientConfig } from '../client/client-config.ts'
import { type QueryProtocol, queryCall } from '../client/query.ts'
import { type Sender, sender } from '../client/send.ts'
import { SNS_SERVICE } from '../client/services.ts'
import { membersOf, textOf, textsOf } from '../client/xml.ts'
import type * as T from './types.ts'

const PROTOCOL: QueryProtocol = {
  version: '2010-03-31',
  errors: code => {
    if (code === 'ParameterValueInvalid') return 'InvalidParameterValueException'
    const own =
      /^(AuthorizationError|BatchEntryIdsNotDistinct|BatchRequestTooLong|EmptyBatchRequest|EndpointDisabled|InternalError|InvalidBatchEntryId|InvalidParameter|InvalidSecurity|KMS\w+|NotFound|PlatformApplicationDisabled|TooManyEntriesInBatchRequest)$/
    return own.test(code) ? `${code}Exception` : code
  },
}

/**
 * The methods of the AWS SDK v3's `SNS` that the middlewares call, with the same inputs, outputs and errors.
 * @throws {AwsError} from every method, with AWS's error code as its name
 * @see https://docs.aws.amazon.com/sns/latest/api/
 */
export class SNS {
  readonly #sender: Sender

  constructor(config?: ClientConfig) {
    this.#sender = sender(SNS_SERVICE, config)
  }

  async publish(input: T.PublishInput, options?: CallOptions): Promise<T.PublishOutput> {
    return this.#sender.send(queryCall(PROTOCOL, 'Publish', input, textsOf), options)
  }
  /** Some entries may fail: they are in `Failed`, and nothing is thrown. */
  async publishBatch(input: T.PublishBatchInput, options?: CallOptions): Promise<T.PublishBatchOutput> {
    const call = queryCall(PROTOCOL, 'PublishBatch', input, result => ({
      Successful: membersOf(result, 'Successful')?.map(textsOf) ?? [],
      Failed:
        membersOf(result, 'Failed')?.map(entry => ({
          ...textsOf(entry),
          Id: textOf(entry, 'Id') ?? '',
          Code: textOf(entry, 'Code') ?? '',
          SenderFault: textOf(entry, 'SenderFault') === 'true',
        })) ?? [],
    }))
    return this.#sender.send(call, options)
  }

  /** Opens a connection, and finds credentials, before the first call: in Lambda's init phase. Never rejects. */
  connect(): Promise<void> {
    return this.#sender.connect()
  }
}
