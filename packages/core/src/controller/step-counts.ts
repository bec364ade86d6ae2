import type { ByVariant, Variant } from '../foundation/vocabulary.js'
import type { Counts } from '../rollout/counts.js'
import type { MetricsSource } from '../rollout/ports.js'
import { isLive } from '../rollout/state.js'
import type { StepCounts } from '../rollout/status.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { answeredOf, type Summary } from '../summaries/summary.js'
import type { Dispatcher } from './dispatcher.js'
import type { OwnProgress } from './own-progress.js'
import { peekAt } from './peek.js'

/** The options of {@link createStepCounts}. */
export interface StepCountsOptions {
  readonly source: MetricsSource
  readonly dispatcher: Pick<Dispatcher, 'current' | 'window'>
  readonly own: Pick<OwnProgress, 'interimOf'>
  /** Returns the counts of this process that were judged last; `null` if none were. */
  readonly judged: () => ByVariant<Summary> | null
}

/**
 * Creates the function that counts the requests of the present step: as of now if the source can be read
 * synchronously, and as of the last look otherwise. It writes nothing, passes nothing to the judge, and never throws.
 */
export function createStepCounts({ source, dispatcher, own, judged }: StepCountsOptions): () => StepCounts {
  /** Returns what was counted, and up to which counts of this process. */
  const baseOf = (stored: StoredRollout): Pick<StepCounts, 'requests'> & Pick<StoredRollout, 'cumulative'> => {
    const { cumulative, state } = stored
    const isOwn = cumulative !== null && cumulative === judged()
    return isOwn ? { cumulative, requests: state.requests } : own.interimOf(stored).progress
  }

  const countNow = (stored: StoredRollout, counts: Counts): StepCounts => {
    const { cumulative, requests } = baseOf(stored)
    const finished = (variant: Variant) => requests[variant] + newIn(counts[variant], cumulative?.[variant])
    return {
      requests: { baseline: finished('baseline'), canary: finished('canary') },
      split: { baseline: begunOf(counts.baseline), canary: begunOf(counts.canary) },
    }
  }

  return function stepCounts() {
    const stored = dispatcher.current
    const atLook = { requests: stored.state.requests }
    if (!isLive(stored.state)) return atLook
    const counts = peekAt(source, dispatcher.window, () => {}) // the next look reports what is wrong with the source
    return counts === undefined ? atLook : countNow(stored, counts)
  }
}

/** Returns how many requests were split; a source that does not count them has at least the finished ones. */
const begunOf = (summary: Summary): number => Math.max(summary.begun, answeredOf(summary))

/** Returns how many requests were finished since the counts before; 0 if these fell, until the next look. */
const newIn = (now: Summary, before: Summary | undefined): number =>
  Math.max(0, answeredOf(now) - (before === undefined ? 0 : answeredOf(before)))
