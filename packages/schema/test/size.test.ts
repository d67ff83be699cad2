// The budget of this package, as a function pays for it, and that nobody pays for what they do not import.
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { bundle } from './bundle.ts'

const compressed = ({ bytes }: { bytes: Uint8Array }): number => gzipSync(bytes, { level: 9 }).byteLength

describe('a bundle of parse and json', () => {
  it('adds at most 3 kB, minified and gzipped, to the engine that is there anyhow', async () => {
    const core = "export { HttpError, pipeline } from '@lambent/core'"
    const without = compressed(await bundle(core))
    const added = compressed(await bundle(`${core}; export { json, parse } from '@lambent/schema'`)) - without
    console.log(`@lambent/schema, parse and json: ${added} bytes minified and gzipped, of 3000`)
    expect(added).toBeGreaterThan(500)
    expect(added).toBeLessThanOrEqual(3000)
  })

  it('has no multipart parser, no decompression and no DynamoDB in it', async () => {
    const { text, inputs } = await bundle("export { json, parse } from '@lambent/schema'")
    expect(inputs.filter(path => /busboy|dynamodb/.test(path))).toEqual([])
    expect(text).not.toMatch(/zlib|busboy|multipart|awslogs|NewImage|s3:TestEvent|import\(/)
  })
})

describe('the codecs that weigh something are in the bundles of those who import them', () => {
  it.each([
    ['multipart', /busboy/],
    ['dynamoDb', /core\/dist\/dynamodb/],
  ])('%s', async (name, path) => {
    const { inputs } = await bundle(`export { ${name} } from '@lambent/schema'`)
    expect(inputs.filter(input => path.test(input))).not.toEqual([])
  })
})
