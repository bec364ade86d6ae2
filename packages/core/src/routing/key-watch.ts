import type { Assignment } from '../foundation/vocabulary.js'
import type { Writable } from '../foundation/writable.js'

/** Counts the requests without a usable key, for splits of users instead of requests. */
export interface KeyWatch {
  /** Number of requests without a usable key in the step in force. */
  readonly withoutKey: number
  /** Counts one request. At most once per epoch, returns `true`: many requests of the step have come without a single key. */
  see(assignment: Assignment): boolean
}

/** Creates a watch that returns `true` at the request with the number `enough`, if every request before had no key. */
export function createKeyWatch(enough: number): KeyWatch {
  let [epoch, step, weight] = [-1, -1, -1]
  let hasSeenKey = false
  let toldInEpoch = -1

  const reopen = (from: { readonly epoch: number; readonly step: number; readonly weight: number }): void => {
    ;({ epoch, step, weight } = from)
    watch.withoutKey = 0
    hasSeenKey = false
  }

  const watch: Writable<KeyWatch> = {
    withoutKey: 0,
    see(assignment) {
      const { reason } = assignment
      if (reason === 'disabled') {
        if (epoch >= 0) reopen(NO_STEP)
        return false
      }
      if (assignment.step !== step || assignment.epoch !== epoch || assignment.weight !== weight) reopen(assignment)
      if (reason === 'split') hasSeenKey = true
      if (reason !== 'no-key') return false
      watch.withoutKey += 1
      if (watch.withoutKey !== enough || hasSeenKey || toldInEpoch === epoch) return false
      toldInEpoch = epoch
      return true
    },
  }
  return watch
}

const NO_STEP = { epoch: -1, step: -1, weight: -1 } as const
