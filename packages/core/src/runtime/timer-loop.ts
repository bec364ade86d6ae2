import type { Clock } from './clock.js'

/** Runs turns one after another, each an interval after the end of the previous one. Turns never overlap. */
export interface TimerLoop {
  /** Reschedules the next turn if one is wanted. Has no effect during a turn, which does this at its end. */
  arm(): void
  stop(): void
}

/** Options of a loop. */
export interface TimerLoopOptions {
  readonly clock: Clock
  readonly intervalMs: number
  /** One turn; must not reject. */
  readonly turn: () => Promise<void>
  readonly isWanted: () => boolean
}

/** Creates a loop that does nothing until it is armed. */
export function createTimerLoop({ clock, intervalMs, turn, isWanted }: TimerLoopOptions): TimerLoop {
  let cancel = () => {}
  let isTurning = false
  let isStopped = false

  const arm = (): void => {
    if (isTurning) return
    cancel()
    if (isStopped || !isWanted()) return
    cancel = clock.schedule(intervalMs, tick)
  }

  const tick = (): void => {
    isTurning = true
    void turn().finally(() => {
      isTurning = false
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
