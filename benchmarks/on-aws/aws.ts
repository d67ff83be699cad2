// The AWS CLI, which knows the user's credentials and region.
import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'

/** @throws {Error} with what the CLI said */
export async function aws(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('aws', [...args, '--output', 'json'], { maxBuffer: 16e6 })
  return stdout
}

/** The same, with its output where the user sees it. */
export function awsAloud(...args: readonly string[]): void {
  execFileSync('aws', [...args], { stdio: 'inherit' })
}
