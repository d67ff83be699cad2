// One build for every package: ES modules and CommonJS, each with its own declarations, no side effects.
import type { UserConfig } from 'tsdown'

/** `entry` maps each subpath of the package's `exports` to its source. */
export function library(entry: Record<string, string>): UserConfig {
  return {
    entry,
    format: ['esm', 'cjs'],
    dts: { oxc: {} },
    fixedExtension: true,
    platform: 'node',
    target: 'node22',
    clean: true,
    treeshake: true,
    sourcemap: false,
  }
}
