// How an outcome says that its unit became a dead letter: it is acknowledged, and yet nothing was done.
import { type Done, done, type Result } from '@lambent/core'

// From the registry, so that an ES module copy and a CommonJS copy of this file agree.
const DEAD: unique symbol = Symbol.for('lambent.deadLetter')

/** `done(value)`, of a unit that became a dead letter. */
export function deadLettered(value: unknown): Done {
  return Object.assign(done(value), { [DEAD]: true })
}

export function isDeadLettered(result: Result | Done): boolean {
  return (result as { readonly [DEAD]?: unknown })[DEAD] === true
}
