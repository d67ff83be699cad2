// The request that middy's hooks share, as far as middlewares of middy 7 see it.
// https://middy.js.org/docs/intro/how-it-works

/** What the hooks of one invocation read and change. */
export interface MiddyRequest<Event = unknown, LambdaContext = unknown, Internal = unknown> {
  event: Event
  context: LambdaContext
  response: unknown
  /** There, whatever its value: nothing more is run, and it is the response. */
  earlyResponse?: unknown
  error: unknown
  internal: Internal
}

/** A middleware of middy. `never`: whatever types its request has. */
export interface MiddyHooks {
  readonly before?: ((request: never) => unknown) | undefined
  readonly after?: ((request: never) => unknown) | undefined
  readonly onError?: ((request: never) => unknown) | undefined
  readonly name?: string | undefined
}

export type Hook = (request: MiddyRequest) => unknown

/** Runs hooks in order, until one of them answers early. Says whether one did. */
export async function run(hooks: readonly Hook[], request: MiddyRequest): Promise<boolean> {
  for (const hook of hooks) {
    const returned = await hook(request)
    if (returned !== undefined) request.earlyResponse = returned
    if ('earlyResponse' in request) {
      request.response = request.earlyResponse
      return true
    }
  }
  return false
}
