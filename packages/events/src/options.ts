// What all sources take, and what their `.each()` does.

export interface SourceOptions {
  /**
   * Milliseconds kept back from the deadline, for the response.
   * @default 500, and never more than a fifth of the remaining time
   */
  readonly reserve?: number | undefined
}

/** What `.each()` takes where Lambda has no partial response. */
export interface EachOptions {
  /**
   * How many records run at once at most. When one ends, the next starts, in the order of the batch; where there is an
   * order to keep, as in FIFO queues, only one of a group runs at once.
   *
   * 10 is what a batch of SQS has by default: such a batch runs at once, as its author will expect, and one of 10,000
   * opens no more connections, holds no more payloads in memory and sends no more load to what is behind it than that.
   * Multiply by the function's own concurrency. More helps little where the work is the function's own: a Lambda has 6
   * processors at most, and one thread to run this on.
   * @default 10; of streams 1
   */
  readonly concurrency?: number | undefined
}

/** What `.each()` takes where Lambda has a partial response. */
export interface PartialEachOptions extends EachOptions {
  /**
   * Whether the invocation fails, with an AggregateError, when not a single record is done, so that Lambda counts it as
   * an error. What comes again is the same.
   * @default false: all are reported, with a line in the log
   */
  readonly throwOnFullFailure?: boolean | undefined
}

/** What `.each()` takes for streams. */
export interface StreamEachOptions extends PartialEachOptions {
  /**
   * How many records run at once at most. 1 keeps the order of the whole shard; more than 1 that of the records with the
   * same partition key (Kinesis), or of changes of the same item (DynamoDB).
   * @default 1
   */
  readonly concurrency?: number | undefined
  /**
   * What happens to the records after one that failed. Lambda sends all again from there on, so `stop` starts none of
   * them; `continue` is for handlers that are idempotent: all are tried but those that follow a failed one of the same
   * key, so that one bad record does not hold up the others.
   * @default 'stop'
   */
  readonly onFailure?: 'stop' | 'continue' | undefined
}

/** @throws {RangeError} when it is no whole number from 1 on */
export function mustBeConcurrency(concurrency: number): number {
  if (Number.isSafeInteger(concurrency) && concurrency > 0) return concurrency
  throw new RangeError(`.each({ concurrency }) takes a whole number from 1 on, not ${concurrency}`)
}

// biome-ignore lint/suspicious/noConfusingVoidType: the type of a function without return, also as a part of a union
export type Nothing = void
