// The console of the function's process: Lambda's runtimes write its entries, each in a frame that gives its level, time
// and length, to a file descriptor of their own. So an entry may have many lines, and none is lost when the process ends.
import type { Readable } from 'node:stream'

export interface TelemetryEntry {
  readonly level: LogLevel
  /** In ms since the epoch. */
  readonly timestamp: number
  /** Without a line break at its end. */
  readonly message: string
}

export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL'

const LEVELS: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']

// A frame, in big-endian: 4 bytes of type and level, 4 of length, 8 of time in microseconds, and the message.
const HEADER_BYTES = 16

/** Reads frames until the stream closes. */
export async function readTelemetry(stream: Readable, onEntry: (entry: TelemetryEntry) => void): Promise<void> {
  let chunks: Buffer[] = []
  let size = 0
  let needed = HEADER_BYTES
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size < needed) return
    let rest = Buffer.concat(chunks)
    for (;;) {
      needed = rest.length < HEADER_BYTES ? HEADER_BYTES : HEADER_BYTES + rest.readUInt32BE(4)
      if (rest.length < needed) break
      onEntry(decode(rest.subarray(0, needed)))
      rest = rest.subarray(needed)
    }
    chunks = [rest]
    size = rest.length
  })
  await new Promise<void>(resolve => stream.once('close', resolve))
}

function decode(frame: Buffer): TelemetryEntry {
  // The level is in bits 2 to 4: 1 for TRACE to 6 for FATAL.
  const level = LEVELS[((frame.readUInt32BE(0) >>> 2) & 7) - 1] ?? 'INFO'
  const timestamp = Math.floor(Number(frame.readBigInt64BE(8)) / 1000)
  return { level, timestamp, message: frame.toString('utf8', HEADER_BYTES).replace(/\n$/, '') }
}
