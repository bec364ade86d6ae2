import type { Clock } from '../runtime/clock.js'
import { createTimerLoop } from '../runtime/timer-loop.js'

/** What a controller does again and again. */
export interface LoopsOptions {
  readonly clock: Clock
  readonly intervalMs: number
  /** One look at the metrics; must not reject. */
  readonly round: () => Promise<void>
  readonly isRoundWanted: () => boolean
  /** Time between two interim checks, in milliseconds; infinite for none. */
  readonly interimCheckMs: number
  /** One interim check between two looks; must not reject. */
  readonly interimCheck: () => Promise<void>
  readonly isInterimCheckWanted: () => boolean
  /** One look at the store alone; must not reject. */
  readonly reload: () => Promise<void>
  readonly isReloadWanted: () => boolean
}

/** The timers of a controller. */
export interface Loops {
  /** Schedules what is wanted now. */
  arm(): void
  stop(): void
}

/** Time between two looks at the store where nothing is written that would show what others wrote, in milliseconds. */
const RELOAD_MS = 60_000

/** Makes timers that stand still until they are armed. */
export function createLoops(options: LoopsOptions): Loops {
  const { clock, intervalMs, interimCheckMs } = options
  const loops = [
    createTimerLoop({ clock, intervalMs, run: options.round, isWanted: options.isRoundWanted }),
    createTimerLoop({
      clock,
      intervalMs: interimCheckMs,
      run: options.interimCheck,
      isWanted: () => interimCheckMs < intervalMs && options.isInterimCheckWanted(),
    }),
    createTimerLoop({ clock, intervalMs: RELOAD_MS, run: options.reload, isWanted: options.isReloadWanted }),
  ]
  return {
    arm() {
      for (const loop of loops) loop.arm()
    },
    stop() {
      for (const loop of loops) loop.stop()
    },
  }
}
