// Secrets and parameters, fetched once, cached, fresh and typed.
export { type AppConfigOptions, type AppConfigPort, appConfig } from './app-config.ts'
export type { Decoded, DecodeOptions } from './decode.ts'
export { type DynamoDbItemOptions, dynamoDbItem, type ItemPort } from './dynamodb-item.ts'
export { type ExtensionOptions, extension } from './extension.ts'
export { type KmsEnvOptions, type KmsPort, kmsEnv } from './kms-env.ts'
export {
  type ParameterOptions,
  type ParameterPort,
  type ParametersByPathOptions,
  parameter,
  parametersByPath,
} from './parameter-store.ts'
export { SecretError, type SecretProblem } from './secret-error.ts'
export { type Secrets, type SecretsOptions, type Sources, secrets } from './secrets.ts'
export { type SecretOptions, type SecretsManagerPort, secret } from './secrets-manager.ts'
export { type FetchOptions, type Loader, type SecretSource, source, type ValueOf } from './source.ts'
