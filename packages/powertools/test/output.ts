// What a function writes, line by line: stdout and stderr of this process.
import { vi } from 'vitest'

export interface Line {
  readonly [key: string]: unknown
}

/** Collects what is written from here on. */
export function output(): { readonly text: string[]; readonly lines: Line[] } {
  const text: string[] = []
  const collect = (chunk: unknown) => {
    text.push(...String(chunk).split('\n').filter(Boolean))
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(collect)
  vi.spyOn(process.stderr, 'write').mockImplementation(collect)
  return {
    text,
    get lines() {
      return text.map(line => JSON.parse(line))
    },
  }
}
