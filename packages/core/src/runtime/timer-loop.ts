import type { Clock } from './clock.js'

/** Runs a task again and again, each time an interval after the previous run ended. Runs never overlap. */
export interface TimerLoop {
  /** Reschedules the next run if one is wanted. Has no effect during a run, which does this at its end. */
  arm(): void
  stop(): void
}

/** Options of a loop. */
export interface TimerLoopOptions {
  readonly clock: Clock
  readonly intervalMs: number
  /** One run; must not reject. */
  readonly run: () => Promise<void>
  readonly isWanted: () => boolean
}

/** Creates a loop that does nothing until it is armed. */
export function createTimerLoop({ clock, intervalMs, run, isWanted }: TimerLoopOptions): TimerLoop {
  let cancel = () => {}
  let isRunning = false
  let isStopped = false

  const arm = (): void => {
    if (isRunning) return
    cancel()
    if (isStopped || !isWanted()) return
    cancel = clock.schedule(intervalMs, tick)
  }

  const tick = (): void => {
    isRunning = true
    void run().finally(() => {
      isRunning = false
      arm()
    })
  }

  return {
    arm,
    stop() {
      isStopped = true
      cancel()
    },
  }
}
