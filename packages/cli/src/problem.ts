// What a person did wrong or has to do, said without a stack.

/** Ends the command with its message, and the exit code 1; of a wrong flag 2. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** What an error says, in one line. */
export function sayingOf(error: unknown): string {
  const { name, message } = Object(error) as { readonly name?: string; readonly message?: string }
  if (error instanceof Problem) return error.message
  return [name && name !== 'Error' ? name : undefined, `${message ?? error}`.split('\n')[0]].filter(Boolean).join(': ')
}
