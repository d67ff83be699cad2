// The environment variables of the runtime's process: those that Lambda sets, those that the function's configuration
// gives, and PATH. Nothing else of the developer's own environment gets in.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
import { randomBytes } from 'node:crypto'

export interface EnvironmentSettings {
  readonly runtimeApi: string
  readonly runtimeDir: string
  readonly taskRoot: string
  /** `_HANDLER`, as Lambda reads it. */
  readonly handler: string
  readonly functionName: string
  readonly functionVersion: string
  /** In MB. */
  readonly memorySize: number
  readonly region: string
  readonly nodeMajor: number
  readonly environment: Readonly<Record<string, string>>
}

/** Variables that a function's configuration may not set. Credentials may be given here, though not on AWS. */
export const RESERVED_VARIABLES: ReadonlySet<string> = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_MAX_CONCURRENCY',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
])

const FAKE_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'local',
}

export function lambdaEnvironment(settings: EnvironmentSettings): Record<string, string> {
  const { environment } = settings
  // All three or none: a session token of ours beside the developer's key would make it invalid.
  const given = Object.keys(FAKE_CREDENTIALS).some(name => name in environment)
  return {
    PATH: process.env.PATH ?? '',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    ...(given ? {} : FAKE_CREDENTIALS),
    ...environment,
    _HANDLER: settings.handler,
    AWS_DEFAULT_REGION: settings.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${settings.nodeMajor}.x`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memorySize),
    AWS_LAMBDA_FUNCTION_NAME: settings.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: settings.functionVersion,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${settings.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName(settings.functionVersion),
    AWS_LAMBDA_RUNTIME_API: settings.runtimeApi,
    AWS_REGION: settings.region,
    LAMBDA_RUNTIME_DIR: settings.runtimeDir,
    LAMBDA_TASK_ROOT: settings.taskRoot,
  }
}

function logStreamName(version: string): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/')
  return `${day}/[${version}]${randomBytes(16).toString('hex')}`
}
