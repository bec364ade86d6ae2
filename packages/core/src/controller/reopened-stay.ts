import type { SourceWindow } from '../rollout/ports.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { Clock } from '../runtime/clock.js'

/** A stay whose weight came into force later than it was decided. */
export interface ReopenedStay {
  /** Returns the rollout opened at the later time, without earlier counts, until a replica has stored that time. */
  countedOf(current: StoredRollout): StoredRollout
  /** Records that the weight came into force only now. */
  reopen(current: StoredRollout): void
}

/** Returns the stay of a rollout at its weight. */
export const windowOf = ({ state: { epoch, step, visit }, openedAt }: StoredRollout): SourceWindow => ({
  epoch,
  step,
  visit,
  openedAt,
})

/** Creates an object in which no stay has been reopened. */
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
