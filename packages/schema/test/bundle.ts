// A bundle of what somebody imports from this package, as it goes to Lambda.
import { type BuildOptions, build, type OutputFile } from 'esbuild'

export interface Bundle {
  readonly text: string
  readonly bytes: Uint8Array
  /** The files that something of is in it. */
  readonly inputs: readonly string[]
}

export async function bundle(contents: string, options: Pick<BuildOptions, 'minify' | 'banner'> = {}): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    ...options,
  })
  const [output] = Object.values(metafile.outputs)
  const inputs = Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput ? [path] : [],
  )
  const [file] = outputFiles as [OutputFile]
  return { text: file.text, bytes: file.contents, inputs }
}
