import type { Clock } from '../runtime/clock.js'
import { createTimerLoop } from '../runtime/timer-loop.js'

/** The periodic tasks of a controller. */
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
  /** Time between two reads of the store while this process writes nothing to it, in milliseconds. */
  readonly reloadMs: number
  /** Reads only the store; must not reject. */
  readonly reload: () => Promise<void>
  readonly isReloadWanted: () => boolean
}

/** The timers of a controller. */
export interface Loops {
  /** Schedules the tasks that are wanted now. */
  arm(): void
  stop(): void
}

/** Creates timers that do nothing until they are armed. */
export function createLoops(options: LoopsOptions): Loops {
  const { clock, intervalMs } = options
  const loops = [
    createTimerLoop({ clock, intervalMs, run: options.round, isWanted: options.isRoundWanted }),
    createTimerLoop({
      clock,
      intervalMs: options.interimCheckMs,
      run: options.interimCheck,
      isWanted: options.isInterimCheckWanted,
    }),
    createTimerLoop({ clock, intervalMs: options.reloadMs, run: options.reload, isWanted: options.isReloadWanted }),
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
