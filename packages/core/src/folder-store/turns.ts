/**
 * How many operations on files are under way at once, in all folders of the process: half of the threads that Node has,
 * unless it is told otherwise, for files, the names of hosts, compression and ciphers. A disk that does not answer keeps
 * each thread that waits for it, and with the last one every request of the service would wait for the disk.
 */
const MOST_AT_ONCE = 2

const waiting: (() => void)[] = []
let free = MOST_AT_ONCE

/** Runs an operation on files once an earlier one of this process has ended. */
export async function inTurn<Result>(operation: () => Promise<Result>): Promise<Result> {
  if (free > 0) free -= 1
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await operation()
  } finally {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }
}
