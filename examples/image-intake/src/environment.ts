// Environment variables, checked where the function starts.

/** @throws when it is not set: a deployment that forgot it fails at once, and not at the first request */
export function variable(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`the environment variable ${name} is not set: see template.yaml`)
  return value
}
