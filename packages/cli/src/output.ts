// What goes to the terminal: colours and a progress bar for a person, plain text for a pipe, JSON for a program.
import { styleText } from 'node:util'
import type { Io } from './lambent.ts'

type Style = Parameters<typeof styleText>[0]

export interface Output {
  readonly json: boolean
  /** A line to stdout, unless JSON is wanted. */
  line(text?: string): void
  /** The result, if JSON is wanted. */
  result(value: unknown): void
  /** A line to stderr: what a person should know, and a program need not. */
  note(text: string): void
  style(style: Style, text: string): string
  /** A bar on stderr, where that is a terminal. It listens to no key: Ctrl-C stays a signal. */
  bar(total: number): Bar
}

export interface Bar {
  advance(count: number, text: string): void
  /** Takes it away. */
  stop(): void
}

const WIDTH = 30
const START_OF_LINE = '\r\u001b[K' // and nothing after it

export function outputOf({ stdout, stderr }: Io, json: boolean): Output {
  return {
    json,
    line(text = '') {
      if (!json) stdout.write(`${text}\n`)
    },
    result(value) {
      if (json) stdout.write(`${JSON.stringify(value)}\n`)
    },
    note(text) {
      stderr.write(`${text}\n`)
    },
    style: (style, text) => (stdout.isTTY ? styleText(style, text, { stream: stdout }) : text),
    bar(total) {
      if (!stderr.isTTY || json || total === 0) return { advance() {}, stop() {} }
      let done = 0
      return {
        advance(count, text) {
          done += count
          const full = Math.round(Math.min(1, done / total) * WIDTH)
          stderr.write(`${START_OF_LINE}${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${text}`)
        },
        stop: () => void stderr.write(START_OF_LINE),
      }
    },
  }
}

/** `2026-03-01 02:47:11`, in UTC. */
export function timeText(epochMillis: number | undefined): string {
  return epochMillis === undefined ? 'unknown' : new Date(epochMillis).toISOString().slice(0, 19).replace('T', ' ')
}

/** One line of at most so many characters. What a terminal would obey is shown instead. */
export function oneLine(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return printable(line.length > length ? `${line.slice(0, length - 1)}…` : line)
}

/** Messages come from anybody: an escape sequence in one must not reach a terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, char => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

export function countText(count: number, one: string, many: string = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** `queue` of `arn:aws:sqs:eu-west-1:123456789012:queue`; anything else as it is. */
export function shortArn(arn: string): string {
  return /^arn:[^:]*:(sqs|sns|lambda):/.test(arn) ? (arn.split(':').at(arn.includes(':lambda:') ? 6 : 5) ?? arn) : arn
}
