// What all sources take.

export interface SourceOptions {
  /**
   * Milliseconds kept back from the deadline, for the response.
   * @default 500, and never more than a fifth of the remaining time
   */
  readonly reserve?: number | undefined
}

/** `.each()` takes no options yet. */
export type EachOptions = Readonly<Record<string, never>>

// biome-ignore lint/suspicious/noConfusingVoidType: the type of a function without return, also as a part of a union
export type Nothing = void
