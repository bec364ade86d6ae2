import type { Summary } from '../summaries/summary.js'
import { type Aggregate, type SlotNames, toSummary } from './aggregate.js'
import { addAggregate, subtractAggregate } from './aggregate-sum.js'

/** The baseline in successive windows of time, in every state of the rollout. Time is always an argument. */
export interface BaselineWindows {
  /** The end of the open window; observations from this time on belong to a later window. */
  readonly endsAt: number
  /** Counts that are kept in addition to the baseline's own. */
  readonly held: Aggregate
  /**
   * Ends the open window and opens the one that contains `at`.
   * Returns the counts of the ended window, or `undefined` if no window was open.
   */
  advanceTo(at: number): Summary | undefined
  /** Saves the counts of the open window, before the baseline's counts are reset. */
  carry(): void
}

/** Options of the windows. */
export interface BaselineWindowsOptions {
  readonly windowMs: number
  /** The baseline's counts; its total is `step` plus `rest`. */
  readonly arm: { readonly step: Aggregate; readonly rest: Aggregate }
  readonly names: () => SlotNames
  readonly createAggregate: () => Aggregate
}

/** Creates windows of the baseline. Nothing is counted twice: a window is the increase of the counts. */
export function createBaselineWindows(options: BaselineWindowsOptions): BaselineWindows {
  const { windowMs, arm, names, createAggregate } = options
  let isCarried = true // whether `held` was counted in the open window, or before it
  const windows = { endsAt: Number.NEGATIVE_INFINITY, held: heldPart(createAggregate()), advanceTo, carry }
  return windows

  function advanceTo(at: number): Summary | undefined {
    const isFirst = windows.endsAt === Number.NEGATIVE_INFINITY
    windows.endsAt = (Math.floor(at / windowMs) + 1) * windowMs
    if (isFirst) return undefined
    const ended = toSummary(inWindow(), names())
    windows.held = heldPart(total())
    isCarried = false
    return ended
  }

  function carry(): void {
    windows.held = heldPart(inWindow())
    isCarried = true
  }

  function inWindow(): Aggregate {
    const sum = total()
    if (isCarried) addAggregate(sum, windows.held)
    else subtractAggregate(sum, windows.held)
    return sum
  }

  function total(): Aggregate {
    const sum = createAggregate()
    addAggregate(sum, arm.rest)
    addAggregate(sum, arm.step)
    return sum
  }
}

/** Returns a copy without the bins above the last one that is filled, which are most of them. */
const heldPart = ({ sums, metrics, latencyBins, scoreBins, labels }: Aggregate): Aggregate => ({
  sums: sums.slice(),
  metrics: metrics.slice(),
  latencyBins: filledPart(latencyBins),
  scoreBins: scoreBins && filledPart(scoreBins),
  labels: labels.slice(),
})

const filledPart = (bins: Uint32Array): Uint32Array => bins.slice(0, bins.findLastIndex((count) => count > 0) + 1)
