// One test setup for every package: behaviour tests and type tests together, and a report that `npm test` adds up.
import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['{src,test}/**/*.test.ts'],
    typecheck: { enabled: true, include: ['{src,test}/**/*.test-d.ts'], tsconfig: 'tsconfig.json' },
    reporters: ['default', ['json', { outputFile: '.turbo/test.json' }]],
    // Of a busy machine: what hangs ends here, and nothing is measured by it.
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
})
export default config
