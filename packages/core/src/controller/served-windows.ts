import type { AddText } from '../fleet/visit-reports.js'
import type { ByVariant, Variant } from '../foundation/vocabulary.js'
import { textOfVisit, type Visit } from '../rollout/records.js'
import { noRejections, type Summary, subtractSummaries } from '../summaries/summary.js'

/** All that was served in a stay so far. */
export interface Served {
  readonly of: Visit
  readonly counts: ByVariant<Summary>
  /** Adds what each process has counted by routing bucket of a version that served alone. */
  readonly addStrata: (variant: Variant, add: AddText) => void
}

/**
 * Returns a function that is called once a window, and returns what was served since the call before; `undefined` if
 * that was no window: on the first call, after a gap, or where counts are missing. What was served in a new stay since
 * its beginning is one, too.
 */
export function createServedWindows(
  elapsed: () => number,
  windowMs: number,
): (served: Served | undefined) => ByVariant<Summary> | undefined {
  let mark: (Served & { readonly at: number }) | undefined
  return (served) => {
    const before = mark
    mark = served && { ...served, at: elapsed() }
    if (before === undefined || mark === undefined || mark.at - before.at > 2 * windowMs) return undefined
    const { baseline, canary } = mark.counts
    const isSame = textOfVisit(before.of) === textOfVisit(mark.of)
    const ofBaseline = isSame ? subtractSummaries(baseline, before.counts.baseline) : baseline
    const ofCanary = isSame ? subtractSummaries(canary, before.counts.canary) : canary
    return ofBaseline && ofCanary && { baseline: withoutCallers(ofBaseline), canary: withoutCallers(ofCanary) }
  }
}

/** Callers are counted once in a round, and by each process, so that they cannot be counted by window. */
const withoutCallers = (window: Summary): Summary => ({ ...window, rejections: noRejections })
