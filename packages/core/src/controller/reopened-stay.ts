import type { SourceWindow } from '../rollout/ports.js'
import type { StoredRollout } from '../rollout/store.js'
import type { Clock } from '../runtime/clock.js'

/** A stay whose weight came into force later than it was decided. */
export interface ReopenedStay {
  /** A later opening holds until one is stored, by whichever replica; what was counted before it is none of it. */
  countedOf(current: StoredRollout): StoredRollout
  /** The weight came into force only now. */
  reopen(current: StoredRollout): void
}

/** Returns the stay of a rollout at its weight. */
export const windowOf = ({ state: { epoch, step }, openedAt }: StoredRollout): SourceWindow => ({
  epoch,
  step,
  openedAt,
})

/** Begins with no stay reopened. */
export function createReopenedStay(clock: Clock): ReopenedStay {
  let reopened: (SourceWindow & { readonly instead: number }) | undefined
  return {
    countedOf(current) {
      const { epoch, step } = current.state
      if (reopened?.epoch !== epoch || reopened.step !== step || reopened.instead !== current.openedAt) return current
      return { ...current, openedAt: reopened.openedAt, cumulative: null }
    },
    reopen(current) {
      reopened = { ...windowOf(current), openedAt: clock.now(), instead: current.openedAt }
    },
  }
}
