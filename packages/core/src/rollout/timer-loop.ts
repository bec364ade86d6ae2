import type { Clock } from '../clock.js'

/** Turn after turn, each a while after the one before has ended: two are never under way at once. */
export interface TimerLoop {
  /** Schedules the next turn anew, where one is wanted. During a turn nothing happens: its end does this. */
  arm(): void
  /** Whether the process is to live on for the turns to come. */
  keepAlive(isWanted: boolean): void
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

/** Longer than any turn, in milliseconds: what keeps a process alive while nothing else does. */
const FOREVER_MS = 2_000_000_000

/** Makes a loop that stands still until it is armed. */
export function createTimerLoop({ clock, intervalMs, turn, isWanted }: TimerLoopOptions): TimerLoop {
  let cancel = () => {}
  let isTurning = false
  let isStopped = false
  let keepAlive = false

  const arm = (): void => {
    if (isTurning) return
    cancel()
    if (isStopped || !isWanted()) return
    cancel = clock.schedule(intervalMs, tick, { keepAlive })
  }

  const tick = (): void => {
    isTurning = true
    cancel = keepAlive ? clock.schedule(FOREVER_MS, () => {}, { keepAlive }) : () => {}
    void turn().finally(() => {
      isTurning = false
      arm()
    })
  }

  return {
    arm,
    keepAlive(isWanted) {
      keepAlive = isWanted
      arm()
    },
    stop() {
      isStopped = true
      cancel()
    },
  }
}
