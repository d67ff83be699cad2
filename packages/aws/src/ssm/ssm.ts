// AWS Systems Manager Parameter Store: AWS JSON 1.1.
import type { CallOptions, ClientConfig } from '../client/client-config.ts'
import { dateOf, type JsonProtocol, jsonCall } from '../client/json.ts'
import { type Sender, sender } from '../client/send.ts'
import { SSM_SERVICE } from '../client/services.ts'
import type * as T from './types.ts'

const PROTOCOL: JsonProtocol = { version: '1.1', target: 'AmazonSSM' }

/**
 * The methods of the AWS SDK v3's `SSM` that the middlewares call, with the same inputs, outputs and errors.
 * @throws {AwsError} from every method, with AWS's error code as its name
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/
 */
export class SSM {
  readonly #sender: Sender

  constructor(config?: ClientConfig) {
    this.#sender = sender(SSM_SERVICE, config)
  }

  getParameter(input: T.GetParameterInput, options?: CallOptions): Promise<T.GetParameterOutput> {
    return this.#call('GetParameter', input, options)
  }
  getParameters(input: T.GetParametersInput, options?: CallOptions): Promise<T.GetParametersOutput> {
    return this.#call('GetParameters', input, options)
  }
  getParametersByPath(input: T.GetParametersByPathInput, options?: CallOptions): Promise<T.GetParametersByPathOutput> {
    return this.#call('GetParametersByPath', input, options)
  }

  /** Opens a connection, and finds credentials, before the first call: in Lambda's init phase. Never rejects. */
  connect(): Promise<void> {
    return this.#sender.connect()
  }

  async #call<Output extends object>(operation: string, input: object, options: CallOptions | undefined) {
    return this.#sender.send(jsonCall<Output>(PROTOCOL, operation, input, revive), options)
  }
}

/** Makes Dates of what JSON has instead, of one parameter or of many. */
function revive(output: { readonly Parameter?: Dated; readonly Parameters?: readonly Dated[] }): unknown {
  for (const parameter of [output.Parameter ?? [], output.Parameters ?? []].flat() as Dated[])
    if (parameter.LastModifiedDate !== undefined) parameter.LastModifiedDate = dateOf(parameter.LastModifiedDate)
  return output
}

interface Dated {
  LastModifiedDate?: unknown
}
