// The same tests twice: with the AWS SDK's clients, and with those of @lambent/aws.
import { defineConfig, mergeConfig, type ViteUserConfig } from 'vitest/config'
import shared from '../../vitest.shared.ts'

const project = (name: string) => ({ extends: true as const, test: { name, env: { LAMBENT_TEST_CLIENTS: name } } })
const config: ViteUserConfig = mergeConfig(
  shared,
  defineConfig({ test: { projects: [project('sdk'), project('lambent')] } }),
)
export default config
