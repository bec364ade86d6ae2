import { finishedOf, noRejections, type Summary, subtractSummaries } from '../summaries/summary.js'

/** The canary's counts since the beginning of a rollout, and the number of the rollout. */
export interface CanaryCounts {
  readonly epoch: number
  readonly counts: Summary
}

/**
 * Returns a function that returns what the canary served since the call before; `undefined` if that was no window: on
 * the first call, after a gap, in another rollout, or without a request.
 */
export function createCanaryWindows(
  read: () => CanaryCounts,
  elapsed: () => number,
  windowMs: number,
): () => Summary | undefined {
  let mark: (CanaryCounts & { readonly at: number }) | undefined
  return () => {
    const before = mark
    mark = { ...read(), at: elapsed() }
    if (before === undefined || before.epoch !== mark.epoch || mark.at - before.at > 2 * windowMs) return undefined
    const window = subtractSummaries(mark.counts, before.counts)
    if (window === undefined || finishedOf(window) === 0) return undefined
    // callers are counted once in a round, so that they cannot be counted by window
    return { ...window, pendingBins: [], rejections: noRejections }
  }
}
