import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'

/** Identifies one life of a process on this host. */
export interface ProcessLife {
  readonly pid: number
  /** When the process started, in clock ticks since the host did. */
  readonly start: string
  /** The boot, the host and the PID namespace in which the two numbers mean this process. */
  readonly where: string
}

const PROC = '/proc'

/** Returns the life of this process; `null` where `/proc` does not tell it. */
export async function ownLife(): Promise<ProcessLife | null> {
  try {
    const [boot, space, own] = await Promise.all([
      readFile(`${PROC}/sys/kernel/random/boot_id`, 'utf8'),
      readlink(`${PROC}/self/ns/pid`),
      statusOf(process.pid),
    ])
    return { pid: process.pid, start: own.start, where: `${boot.trim()} ${space} ${hostname()}` }
  } catch {
    return null
  }
}

/**
 * Returns whether a process has certainly ended. False if it may be alive: where `/proc` is missing, and for a process
 * of another boot, host or PID namespace, in which its id means another process.
 */
export async function hasEnded(life: ProcessLife | null, own: ProcessLife | null): Promise<boolean> {
  if (life === null || own === null || life.where !== own.where) return false
  try {
    const { state, start } = await statusOf(life.pid)
    return start !== life.start || state === 'Z' || state === 'X'
  } catch {
    return isUnknown(life.pid) // `/proc` also hides processes of other users
  }
}

/** Reads the state and the start of a process. Its name, which is in brackets, can contain spaces and brackets. */
async function statusOf(pid: number): Promise<{ readonly state: string; readonly start: string }> {
  const text = await readFile(`${PROC}/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0]!, start: fields[19]! }
}

function isUnknown(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
