import { type BackOff, pauseBeforeTry } from '../runtime/back-off.js'
import type { Clock } from '../runtime/clock.js'

/** Writes a split again, at growing intervals, while something else keeps changing it at the target. */
export interface Rewrites {
  /** Records that the target has just applied a split. */
  sent(): void
  /** Resets the intervals, because the split is no longer changed from outside. */
  reset(): void
  /** Writes if that is needed: now, or when the interval has passed. */
  plan(): void
  cancel(): void
}

/** The options of {@link createRewrites}. */
export interface RewritesOptions {
  readonly clock: Clock
  readonly isNeeded: () => boolean
  readonly write: () => void
}

/** The interval between two writes of 0 over changes from outside. */
const REWRITE_BACK_OFF: BackOff = { firstMs: 2_000, longestMs: 60_000 }

/** Creates rewrites before anything was sent. */
export function createRewrites({ clock, isNeeded, write }: RewritesOptions): Rewrites {
  let sentAt = Number.NEGATIVE_INFINITY
  let count = 0
  let pauseMs = pauseBeforeTry(REWRITE_BACK_OFF, count)
  let stop: (() => void) | undefined

  const cancel = (): void => {
    stop?.()
    stop = undefined
  }
  const plan = (): void => {
    cancel()
    if (!isNeeded()) return
    const waitMs = sentAt + pauseMs - clock.elapsed()
    if (waitMs > 0) {
      stop = clock.schedule(waitMs, plan)
      return
    }
    pauseMs = pauseBeforeTry(REWRITE_BACK_OFF, ++count)
    write()
  }
  return {
    sent() {
      sentAt = clock.elapsed()
    },
    reset() {
      count = 0
    },
    plan,
    cancel,
  }
}
