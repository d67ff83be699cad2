// Whether a process runs. One that has ended, but that nobody has collected yet, does not: a container's first process
// may never collect the orphans it gets.
import { readFileSync } from 'node:fs'

export function isAlive(pid: number | undefined): boolean {
  try {
    if (pid === undefined || !process.kill(pid, 0)) return false
  } catch {
    return false
  }
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}
