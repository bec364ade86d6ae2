import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Thresholds } from '../../guardrails/guardrail-kind.js'
import type { Hypothesis } from '../../guardrails/hypothesis.js'
import { hypothesesOf, thresholdsOf } from '../../guardrails/kind-of.js'
import { addPair, mergeSpreads, noSpread, type Spread } from '../../statistics/dispersion.js'
import type { SortedPairs } from '../../summaries/sorted-pairs.js'
import { mergePairs } from '../../summaries/sorted-pairs.js'
import { emptySummary, finishedOf, mergeSummaries, type Summary } from '../../summaries/summary.js'

/** So many windows of the baseline are remembered together, and then forgotten together. */
interface Generation {
  readonly windows: number
  readonly total: Summary
  /** By the hypothesis's id. */
  readonly spreads: SortedPairs<string, Spread>
}

/** What is known of the baseline from windows of equal length: rates, quantiles and noise. Plain JSON, of bounded size. */
export interface BaselineHistory {
  readonly newer: Generation
  readonly older: Generation | null
  readonly last: Summary | null
}

/** Windows in a generation: two of them are 40 minutes of windows of 15 s. */
const GENERATION = 80

const noGeneration = (): Generation => ({ windows: 0, total: emptySummary(), spreads: [] })

/** Nobody has watched. */
export const noHistory = (): BaselineHistory => ({ newer: noGeneration(), older: null, last: null })

/** How many windows are remembered. */
export const windowCountOf = ({ newer, older }: BaselineHistory): number => newer.windows + (older?.windows ?? 0)

/** All that is remembered of the baseline, as one summary. */
export const historySummaryOf = ({ newer, older }: BaselineHistory): Summary =>
  older === null ? newer.total : mergeSummaries(older.total, newer.total)

/** How much a hypothesis's answer varied from window to window. */
export function spreadOf({ newer, older }: BaselineHistory, { id }: Hypothesis): Spread {
  const find = (generation: Generation | null) => generation?.spreads.find(([name]) => name === id)?.[1] ?? noSpread
  return mergeSpreads(find(older), find(newer))
}

/**
 * Takes in one more window of the baseline. Without thresholds the present ones of the history are used,
 * which hardly move from one window to the next.
 */
export function addWindow(
  baselineHistory: BaselineHistory,
  window: Summary,
  guardrails: readonly Guardrail[],
  thresholds: readonly (Thresholds | null)[],
): BaselineHistory {
  if (finishedOf(window) === 0) return baselineHistory
  const isFull = baselineHistory.newer.windows >= GENERATION
  const older = isFull ? baselineHistory.newer : baselineHistory.older
  const { windows, total, spreads } = isFull ? noGeneration() : baselineHistory.newer
  const all = { older, newer: { windows: windows + 1, total: mergeSummaries(total, window), spreads }, last: window }
  const { last } = baselineHistory
  if (last === null) return all
  const known = historySummaryOf(all)
  const hypotheses = guardrails.flatMap((guardrail, at) =>
    hypothesesOf(guardrail, thresholds[at] ?? thresholdsOf(guardrail, known)),
  )
  const pairs = hypotheses
    .map(
      ({ id, statistic }) => [id, addPair(noSpread, statistic.momentsOf(last), statistic.momentsOf(window))] as const,
    )
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { ...all, newer: { ...all.newer, spreads: mergePairs(spreads, pairs, mergeSpreads) } }
}

/** Tells a history from anything else that a store may hold. */
export const isBaselineHistory = (value: unknown): value is BaselineHistory =>
  typeof value === 'object' && value !== null && 'newer' in value && 'older' in value && 'last' in value
