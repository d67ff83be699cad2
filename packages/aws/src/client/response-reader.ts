// HTTP/1.1 as it comes off a connection: bytes in, the head of an answer and its body out. `node:http` has more than an
// AWS client needs, and takes longer to load than all else that a call does (benchmarks/results/aws-call.md).
// https://www.rfc-editor.org/rfc/rfc9112

export interface ResponseHead {
  readonly status: number
  /** By names in lower case; of a name that came more than once, all values with commas between. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

export interface ResponseListener {
  head(head: ResponseHead): void
  /** A piece of the body. */
  data(bytes: Buffer): void
  /** `reusable` says whether the connection can take another request. */
  end(reusable: boolean): void
}

export interface ResponseReader {
  /** @throws {Error} for what is no HTTP/1.1 */
  read(bytes: Buffer): void
  /** Whether the answer ends where the connection does. */
  endsWithConnection(): boolean
}

const MOST = 64 * 1024 // bytes of a head, or of the line with a chunk's size

/** Reads the one answer to a request of this method. */
export function responseReader(method: string, to: ResponseListener): ResponseReader {
  let next: 'head' | 'body' | 'chunk size' | 'end of chunk' | 'trailer' | 'nothing' = 'head'
  let left = 0 // bytes of the body, or of its chunk, that are still to come
  let chunked = false
  let reusable = false
  let waiting: Buffer | undefined // the beginning of a line

  function begin([first = '', ...lines]: readonly string[]): void {
    const [, version, code = ''] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first) ?? []
    if (!version) throw new Error('the answer is no HTTP/1.1')
    const status = Number(code)
    if (status === 101) throw new Error('the answer changes the protocol')
    const headers = headersOf(lines)
    if (status < 200) return // an interim one, before the answer
    const { connection = '', 'transfer-encoding': coding, 'content-length': length } = headers
    // An answer with both lengths is how one is made to look like two.
    reusable = version === '1' && !/\bclose\b/i.test(connection) && !(coding && length)
    chunked = /(^|,)\s*chunked$/i.test(coding ?? '')
    // https://www.rfc-editor.org/rfc/rfc9112#section-6.3
    if (method === 'HEAD' || status === 204 || status === 304) next = 'nothing'
    else if (chunked) next = 'chunk size'
    else {
      left = coding || length === undefined ? Infinity : lengthOf(length)
      next = left > 0 ? 'body' : 'nothing'
    }
    to.head({ status, headers })
  }

  /** Takes what it can, and says how many bytes. */
  function take(bytes: Buffer): number {
    if (next === 'body') {
      const part = bytes.subarray(0, left)
      left -= part.length
      if (left === 0) next = chunked ? 'end of chunk' : 'nothing'
      to.data(part)
      return part.length
    }
    const mark = next === 'head' ? '\r\n\r\n' : '\r\n'
    const end = bytes.indexOf(mark)
    if ((end < 0 ? bytes.length : end) > MOST) throw new Error(`the answer has a ${next} of more than ${MOST} bytes`)
    if (end < 0) return 0
    const text = bytes.toString('latin1', 0, end)
    if (next === 'head') begin(text.split('\r\n'))
    else if (next === 'chunk size') {
      const [, hex] = /^([\da-fA-F]{1,12})[\t ]*(?:;|$)/.exec(text) ?? []
      if (!hex) throw new Error('the answer has a chunk without a size')
      left = Number.parseInt(hex, 16)
      next = left > 0 ? 'body' : 'trailer'
    } else if (next === 'end of chunk') {
      if (text) throw new Error('the answer has a chunk that is longer than it says')
      next = 'chunk size'
    } else if (!text) next = 'nothing'
    return end + mark.length
  }

  return {
    read(bytes) {
      let rest = waiting ? Buffer.concat([waiting, bytes]) : bytes
      waiting = undefined
      while (rest.length > 0 && next !== 'nothing') {
        const taken = take(rest)
        if (taken === 0) {
          waiting = rest
          return
        }
        rest = rest.subarray(taken)
      }
      // More than the answer: of another one, that nobody has asked for.
      if (next === 'nothing') to.end(reusable && rest.length === 0)
    },
    endsWithConnection: () => next === 'body' && left === Infinity,
  }
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    // However many spaces there are, it takes no steps back over them.
    const [, name = '', value = ''] = /^([\w!#$%&'*+.^`|~-]+):[\t ]*((?:.*[^\t ])?)/s.exec(line) ?? []
    if (!name || /[\r\n]/.test(line)) throw new Error('the answer has a header that is none')
    const key = name.toLowerCase()
    headers[key] = Object.hasOwn(headers, key) ? `${headers[key]}, ${value}` : value
  }
  return headers
}

function lengthOf(header: string): number {
  const [length = '', ...others] = header.split(/\s*,\s*/)
  if (!/^\d{1,15}$/.test(length) || others.some(other => other !== length))
    throw new Error('the answer has a Content-Length that is none')
  return Number(length)
}
