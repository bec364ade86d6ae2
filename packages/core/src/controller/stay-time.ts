import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { Clock } from '../runtime/clock.js'
import { createWatchedTime } from './watched-time.js'

/** A moment, as the clock's elapsed time and as watched time, in milliseconds. */
export interface Moment {
  readonly at: number
  readonly watchedAt: number
}

/** The time since the last change of a rollout. */
export interface StayTime {
  now(): Moment
  /** Time since the last change, in milliseconds. */
  sinceMs(): number
  /** The watched part of it, in milliseconds. */
  watchedMs(): number
  /** Counts from a moment on; by default, from now. */
  countFrom(moment?: Moment): void
  /** Records a look: the time up to now was watched. Returns the time since the look before, in milliseconds. */
  look(): number
  /** Counts from now on, because the rollout has changed. */
  changed(before: StoredRollout, after: StoredRollout): void
  /** Continues after a look that another process made; receives its age and the time between it and the look before. */
  resume(awayMs: number, distanceMs: number): void
}

/** Creates a stay time that begins now. */
export function createStayTime(clock: Clock, intervalMs: number): StayTime {
  const watched = createWatchedTime(clock, intervalMs)
  const now = (): Moment => ({ at: clock.elapsed(), watchedAt: watched.now() })
  let mark = now()
  const countFrom = (moment = now()): void => {
    mark = moment
  }
  return {
    now,
    sinceMs: () => clock.elapsed() - mark.at,
    watchedMs: () => Math.max(0, watched.now() - mark.watchedAt),
    countFrom,
    look: watched.look,
    changed({ state: before }, { state: after }) {
      if (after === before) return // only messages or pasts were stored
      if (after.epoch !== before.epoch || before.weight === 0) watched.begin()
      else if (after.arrivals !== before.arrivals) watched.resume(0, after.lookMs ?? 0) // another process looked
      countFrom()
    },
    resume(awayMs, distanceMs) {
      const watchedAt = watched.now()
      watched.resume(awayMs, distanceMs)
      countFrom({ at: clock.elapsed() - (watched.now() - watchedAt), watchedAt })
    },
  }
}
