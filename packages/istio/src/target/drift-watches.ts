import type { Drift } from '@model-canary/core/controller'
import { type TargetWatch, type TargetWatchParts, watchTarget } from './target-watch.js'

/** All watches of a target. */
export interface DriftWatches extends Pick<TargetWatch, 'refused' | 'taken'> {
  /** Adds a listener for drift; `null` means that there is none. The returned function removes it. */
  watch(listener: (drift: Drift | null) => void): () => void
}

/** Creates the watches of a target; each listener has its own. */
export function createDriftWatches(parts: TargetWatchParts): DriftWatches {
  const watches = new Set<TargetWatch>()
  return {
    watch(listener) {
      const watch = watchTarget(parts, listener)
      watches.add(watch)
      return () => {
        watches.delete(watch)
        watch.stop()
      }
    },
    refused(drift, of) {
      for (const watch of watches) watch.refused(drift, of)
    },
    taken() {
      for (const watch of watches) watch.taken()
    },
  }
}
