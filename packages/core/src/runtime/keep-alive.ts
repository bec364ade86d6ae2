import type { Clock } from './clock.js'

/** Shorter than the longest delay that a timer can hold, in milliseconds. */
const FOR_NOW_MS = 2_000_000_000

/** Keeps the process alive until the returned function is called; unreferenced timers would not. */
export function keepAlive(clock: Clock): () => void {
  let cancel = () => {}
  const hold = (): void => {
    cancel = clock.schedule(FOR_NOW_MS, hold, { keepAlive: true })
  }
  hold()
  return () => cancel()
}

/** Runs a task and keeps the process alive until it has settled. */
export async function keptAlive<Result>(clock: Clock, task: () => Promise<Result>): Promise<Result> {
  const release = keepAlive(clock)
  try {
    return await task()
  } finally {
    release()
  }
}
