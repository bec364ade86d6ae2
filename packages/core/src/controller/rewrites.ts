import { type BackOff, pauseBeforeTry } from '../runtime/back-off.js'
import type { Clock } from '../runtime/clock.js'

/** Writes a split again, at growing distances, over what somebody else keeps putting at the target. */
export interface Rewrites {
  /** The target took a split at this moment. */
  sent(): void
  /** Somebody else has given way: the distances begin anew. */
  reset(): void
  /** Writes now or when it is time, if that is needed. */
  plan(): void
  cancel(): void
}

/** What rewriting needs. */
export interface RewritesOptions {
  readonly clock: Clock
  readonly isNeeded: () => boolean
  readonly write: () => void
}

/** Between two writes of 0 over what somebody else keeps putting there. */
const REWRITE_BACK_OFF: BackOff = { firstMs: 2_000, longestMs: 60_000 }

/** Begins with nothing sent. */
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
