import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Processes start, and are killed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
