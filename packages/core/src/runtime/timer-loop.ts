import type { Clock } from './clock.js'

/** Turn after turn, each a while after the one before has ended: two are never under way at once. */
export interface TimerLoop {
  /** Schedules the next turn anew, where one is wanted. During a turn nothing happens: its end does this. */
  arm(): void
  stop(): void
}

/** What a loop is made of. */
export interface TimerLoopOptions {
  readonly clock: Clock
  readonly intervalMs: number
  /** One turn; must not reject. */
  readonly turn: () => Promise<void>
  readonly isWanted: () => boolean
}

/** Makes a loop that stands still until it is armed. */
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
