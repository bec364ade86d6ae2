import type { Clock } from '../runtime/clock.js'

/** Runs a task again and again, one run at a time. Each run says when the next one begins. */
export interface PacedLoop {
  /** Runs now, or right after the pending run. Resolves when that run has ended; after `stop()` without a run. */
  soon(): Promise<void>
  /** Begins no further run. Resolves when no run is pending. */
  stop(): Promise<void>
}

/**
 * Creates a loop that begins with the first call of `soon()`.
 *
 * @param run returns the time from its end to the next run, in milliseconds; must not reject
 */
export function createPacedLoop(clock: Clock, run: () => Promise<number>): PacedLoop {
  let underWay: Promise<void> | undefined
  let isStopped = false
  let cancel = () => {}

  const begin = async (): Promise<void> => {
    if (isStopped) return
    cancel()
    underWay = run().then((nextMs) => {
      underWay = undefined
      if (!isStopped) cancel = clock.schedule(Math.max(0, nextMs), begin)
    })
    await underWay
  }
  const afterThis = async (earlier: Promise<void>): Promise<void> => {
    await earlier
    await (underWay ?? begin()) // one run for all who waited
  }

  return {
    soon: () => (underWay === undefined ? begin() : afterThis(underWay)),
    async stop() {
      isStopped = true
      cancel()
      await underWay
    },
  }
}
