// The AWS Parameters and Secrets Lambda extension: an HTTP server on the function's own machine, with a cache of its own.
import type { ParameterPort } from './parameter-store.ts'
import type { SecretsManagerPort } from './secrets-manager.ts'

export interface ExtensionOptions {
  /** @default PARAMETERS_SECRETS_EXTENSION_HTTP_PORT, or 2773 */
  readonly port?: number | undefined
  /** ms. @default 3000 */
  readonly timeout?: number | undefined
}

/**
 * A client for `secret()` and `parameter()` that asks the extension.
 *
 * ```ts
 * const client = extension()
 * secrets({ db: secret('prod/db', { client, schema: Db }) })
 * ```
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
 */
export function extension({
  port,
  timeout = 3000,
}: ExtensionOptions = {}): Pick<SecretsManagerPort, 'getSecretValue'> & Pick<ParameterPort, 'getParameter'> {
  async function get(
    path: string,
    values: Readonly<Record<string, string | undefined>>,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const query = new URLSearchParams(
      Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
    )
    const { status, body } = await request(`${path}?${query}`, signal)
    if (status === 200) return JSON.parse(body)
    // As AWS names them; the body says no more than that it failed.
    const name =
      status === 400 || status === 404
        ? 'ResourceNotFoundException'
        : status === 401 || status === 403
          ? 'AccessDeniedException'
          : 'ServiceUnavailable'
    throw Object.assign(new Error(`the extension answered ${status}`), { name })
  }

  function request(
    path: string,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly status: number; readonly body: string }> {
    const token = process.env.AWS_SESSION_TOKEN
    return new Promise((resolve, reject) => {
      const sent = process.getBuiltinModule('node:http').get(
        {
          host: '127.0.0.1',
          port: port ?? (Number(process.env.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT) || 2773),
          path,
          headers: token ? { 'X-Aws-Parameters-Secrets-Token': token } : {},
          timeout,
          ...(signal && { signal }),
        },
        response => {
          let body = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => {
            body += chunk
          })
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
          response.on('error', reject)
        },
      )
      sent.on('timeout', () =>
        sent.destroy(
          Object.assign(new Error(`the extension did not answer within ${timeout} ms`), { name: 'TimeoutError' }),
        ),
      )
      sent.on('error', reject)
    })
  }

  return {
    async getSecretValue({ SecretId, VersionId, VersionStage }, { abortSignal } = {}) {
      return (await get(
        '/secretsmanager/get',
        { secretId: SecretId, versionId: VersionId, versionStage: VersionStage },
        abortSignal,
      )) as Awaited<ReturnType<SecretsManagerPort['getSecretValue']>>
    },
    async getParameter({ Name, WithDecryption }, { abortSignal } = {}) {
      const values = { name: Name, withDecryption: WithDecryption ? 'true' : undefined }
      return (await get('/systemsmanager/parameters/get', values, abortSignal)) as Awaited<
        ReturnType<ParameterPort['getParameter']>
      >
    },
  }
}
