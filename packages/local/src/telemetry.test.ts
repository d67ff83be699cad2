// Frames of the console, however they arrive.
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { readTelemetry, type TelemetryEntry } from './telemetry.ts'

test.each([1, 7, 16, 17, 1000])('frames that arrive %i bytes at a time are read whole', async size => {
  const bytes = Buffer.concat([
    frame(0xa55a0003 | (3 << 2), 1_700_000_000_123_000n, 'two\nlines, grüße\n'),
    frame(0xa55a0002 | (6 << 2), 1n, '{"level":"FATAL"}'),
    frame(0xa55a0003 | (1 << 2), 0n, ''),
  ])
  const entries: TelemetryEntry[] = []
  const stream = new PassThrough()
  const done = readTelemetry(stream, entry => entries.push(entry))
  for (let at = 0; at < bytes.length; at += size) stream.write(bytes.subarray(at, at + size))
  stream.end()
  await done
  expect(entries).toEqual([
    { level: 'INFO', timestamp: 1_700_000_000_123, message: 'two\nlines, grüße' },
    { level: 'FATAL', timestamp: 0, message: '{"level":"FATAL"}' },
    { level: 'TRACE', timestamp: 0, message: '' },
  ])
})

function frame(type: number, microseconds: bigint, text: string): Buffer {
  const message = Buffer.from(text)
  const header = Buffer.alloc(16)
  header.writeUInt32BE(type >>> 0, 0)
  header.writeUInt32BE(message.length, 4)
  header.writeBigInt64BE(microseconds, 8)
  return Buffer.concat([header, message])
}
