// A function's bundle, as its author makes it.
import { build } from 'esbuild'

/** Minified ES module of `contents`, in which `../src/sqs.ts` and the like are the sources here. */
export async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node22',
  })
  return outputFiles[0]?.text ?? ''
}
