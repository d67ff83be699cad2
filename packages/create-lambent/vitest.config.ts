// These tests mostly wait for processes: another file may run meanwhile, also where there are few cores.
import { mergeConfig, type ViteUserConfig } from 'vitest/config'
import shared from '../../vitest.shared.ts'

const config: ViteUserConfig = mergeConfig(shared, { test: { maxWorkers: 2 } })
export default config
