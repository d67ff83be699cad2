// One invocation of a handler, as Lambda does it: JSON in, JSON out.
import type { Context } from 'aws-lambda'
import { type Json, type JsonOf, toJson } from './json.ts'
import { lambdaContext } from './lambda-context.ts'

/**
 * A Lambda handler of any kind: a function of event and context, one typed with `Handler` of `aws-lambda`, or a
 * pipeline with a `ready` that does the work of the init phase.
 */
export interface InvokableHandler<Event, Result> {
  (event: Event, context: Context, callback: never): Result
  readonly ready?: (() => unknown) | undefined
}

/**
 * Calls a handler as Lambda does and gives back what Lambda would.
 *
 * The handler gets a copy of the event made through JSON: a `Date` arrives as text, an `undefined` key not at all. Its
 * `ready()`, if it has one, is awaited first, as the init phase is. The result comes back through JSON too, and is
 * `null` for a handler that returns nothing. An error that the handler throws is thrown as it is.
 *
 * The event is of the handler's own type, or any JSON: the import of a `.json` file needs no cast.
 *
 * @throws TypeError when the handler is no function or takes a callback (three parameters: nodejs24.x refuses it), and
 *   for an event or result with something in it that JSON cannot carry: the message says where.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 */
export async function invoke<Event, Result>(
  handler: InvokableHandler<Event, Result>,
  event: NoInfer<Event> | Json,
  context: Context = lambdaContext(),
): Promise<JsonOf<Awaited<Result>>> {
  if (typeof handler !== 'function') {
    throw new TypeError(`the handler must be a function, and is ${handler === null ? 'null' : typeof handler}`)
  }
  if (handler.length >= 3) {
    throw new TypeError(
      `the handler takes ${handler.length} parameters: nodejs24.x refuses handlers with a callback ` +
        '(Runtime.CallbackHandlerDeprecated); take event and context, and return a promise',
    )
  }
  const arriving = JSON.parse(toJson(event, 'event'))
  await handler.ready?.()
  const call = handler as (event: Event, context: Context) => Result
  const result: unknown = await call(arriving, context)
  return JSON.parse(result === undefined ? 'null' : toJson(result, 'result'))
}
