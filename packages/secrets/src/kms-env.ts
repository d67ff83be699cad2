// Environment variables that Lambda's console encrypted by KMS.
import { KMS } from '@lambent/aws/kms'
import { type Decoded, type DecodeOptions, decode } from './decode.ts'
import { SecretError, secretError } from './secret-error.ts'
import { fulfilled, mustBeName, rejected, type SecretSource } from './source.ts'

/** `new KMS()` of @lambent/aws or of the AWS SDK v3. */
export type KmsPort = Pick<KMS, 'decrypt'>

export interface KmsEnvOptions extends DecodeOptions {
  /** @default `{ LambdaFunctionName }` of the function, as the console encrypts */
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined
  /** @default that of the function */
  readonly region?: string | undefined
  /** @default the client of @lambent/aws */
  readonly client?: KmsPort | undefined
}

/**
 * The plain text of an environment variable that holds a ciphertext in base64. Decrypted once: the environment of a
 * function does not change.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
 */
export function kmsEnv(variable: string): SecretSource<string>
export function kmsEnv<const Options extends KmsEnvOptions>(
  variable: string,
  options: Options,
): SecretSource<Decoded<Options, string>>
export function kmsEnv(variable: string, options: KmsEnvOptions = {}): SecretSource {
  mustBeName(variable, 'kmsEnv(name)')
  const { schema, json = false, encryptionContext, region, client = new KMS(region ? { region } : {}) } = options

  async function decrypt(signal: AbortSignal): Promise<string> {
    const text = process.env[variable]
    if (!text) throw new SecretError(variable, 'missing', 'the environment variable is not set')
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text.trim()))
      throw new SecretError(variable, 'malformed', 'the environment variable is no base64 of a ciphertext')
    const LambdaFunctionName = process.env.AWS_LAMBDA_FUNCTION_NAME
    const EncryptionContext = encryptionContext ?? (LambdaFunctionName ? { LambdaFunctionName } : undefined)
    const input = {
      CiphertextBlob: new Uint8Array(Buffer.from(text, 'base64')),
      ...(EncryptionContext && { EncryptionContext: { ...EncryptionContext } }),
    }
    const { Plaintext } = await client.decrypt(input, { abortSignal: signal })
    if (!Plaintext) throw new SecretError(variable, 'malformed', 'the answer has no plain text')
    return Buffer.from(Plaintext).toString('utf8')
  }

  return {
    name: variable,
    kind: 'kms',
    loader: {
      async load(requests, { signal }) {
        const outcome = await decrypt(signal).then(fulfilled, error =>
          rejected(secretError(variable, 'kms:Decrypt', error)),
        )
        return requests.map(() => outcome)
      },
    },
    request: undefined,
    decode: raw => decode(variable, raw, { schema, json }),
    maxAge: Infinity,
    permissions: [{ actions: ['kms:Decrypt'], resources: ['*'] }],
  }
}
