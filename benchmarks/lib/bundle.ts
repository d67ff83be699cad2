// One way to bundle for all contenders: minified by esbuild, as an ES module or as CommonJS.
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build } from 'esbuild'
import { STACKS } from './about.ts'

export type Format = 'esm' | 'cjs'
/** What `#order` stands for in a handler. */
export type SchemaLibrary = 'zod' | 'zod-namespace' | 'zod-mini' | 'valibot' | 'by-hand'

export interface BundleOptions {
  readonly format?: Format | undefined
  readonly schema?: SchemaLibrary | undefined
  /** What is left out of the bundle. */
  readonly external?: readonly string[] | undefined
}

/** A file of benchmarks/stacks without extension, such as `http/lambent`, or code to stand there. */
export type Entry = string | { readonly code: string }

export async function bundle(entry: Entry, options: BundleOptions = {}): Promise<Uint8Array> {
  const { outputFiles } = await build(settings(entry, options))
  return outputFiles[0]?.contents ?? new Uint8Array()
}

/** The files that are in a bundle, from the stacks' folder on. */
export async function filesIn(entry: Entry, options: BundleOptions = {}): Promise<readonly string[]> {
  const { metafile } = await build({ ...settings(entry, options), metafile: true })
  return Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs))
}

function settings(entry: Entry, { format = 'esm', schema = 'zod', external = [] }: BundleOptions) {
  return {
    ...(typeof entry === 'string'
      ? { entryPoints: [join(STACKS, entry)] }
      : { stdin: { contents: entry.code, resolveDir: STACKS, loader: 'ts' } }),
    absWorkingDir: STACKS,
    alias: { '#order': join(STACKS, 'order', `${schema}.ts`) },
    external: [...external],
    resolveExtensions: ['.ts', '.mjs', '.js', '.json'],
    bundle: true,
    minify: true,
    write: false,
    format,
    platform: 'node',
    target: 'node22',
    // Of packages that have both, those of the bundle's own kind: for ES modules as AWS advises, for CommonJS as esbuild
    // does by default.
    mainFields: format === 'esm' ? ['module', 'main'] : ['main', 'module'],
    // What is CommonJS in an ES module needs a `require`; all get it, the bare handler too.
    ...(format === 'esm' && {
      banner: { js: "import { createRequire } from 'node:module';const require=createRequire(import.meta.url);" },
    }),
    logLevel: 'error',
  } as const satisfies BuildOptions
}

export const gzipped = (code: Uint8Array): number => gzipSync(code, { level: 9 }).byteLength
