import type { Clock } from '../runtime/clock.js'

/** Lets another process lead while the metrics source of this one shows nothing. */
export interface Handover {
  /** True for a while after looks without counts: this process then returns the lease, so that another can take it. */
  readonly isDue: boolean
  /** Records whether the source had counts at a look. */
  looked(hasCounts: boolean): void
}

/** The time without counts after which the lease is returned, in milliseconds. */
const BLIND_MS = 30_000

/** How long this process does not ask for the lease, in milliseconds: other processes ask every three seconds. */
const AWAY_MS = 10_000

/** Creates a handover that is not due. */
export function createHandover(clock: Pick<Clock, 'elapsed'>): Handover {
  let blindSinceMs: number | undefined
  let awayUntilMs = 0

  return {
    get isDue() {
      return clock.elapsed() < awayUntilMs
    },
    looked(hasCounts) {
      const now = clock.elapsed()
      if (hasCounts) blindSinceMs = undefined
      else if (now - (blindSinceMs ??= now) >= BLIND_MS) {
        blindSinceMs = undefined
        awayUntilMs = now + AWAY_MS
      }
    },
  }
}
