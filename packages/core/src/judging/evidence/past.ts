import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Thresholds } from '../../guardrails/guardrail-kind.js'
import type { Hypothesis } from '../../guardrails/hypothesis.js'
import { hypothesesOf, thresholdsOf } from '../../guardrails/kind-of.js'
import { addPair, mergeSpreads, noSpread, type Spread } from '../../statistics/dispersion.js'
import type { SortedPairs } from '../../summaries/counts.js'
import { mergePairs } from '../../summaries/counts.js'
import { emptySummary, finishedOf, mergeSummaries, type Summary } from '../../summaries/summary.js'

/** So many windows of the baseline are remembered together, and then forgotten together. */
interface Generation {
  readonly windows: number
  readonly total: Summary
  /** By the hypothesis's id. */
  readonly spreads: SortedPairs<string, Spread>
}

/** What is known of the baseline from windows of equal length: rates, quantiles and noise. Plain JSON, of bounded size. */
export interface Past {
  readonly newer: Generation
  readonly older: Generation | null
  readonly last: Summary | null
}

/** Windows in a generation: two of them are 40 minutes of windows of 15 s. */
const GENERATION = 80

const noGeneration = (): Generation => ({ windows: 0, total: emptySummary(), spreads: [] })

/** Nobody has watched. */
export const noPast = (): Past => ({ newer: noGeneration(), older: null, last: null })

/** How many windows are remembered. */
export const windowsOf = ({ newer, older }: Past): number => newer.windows + (older?.windows ?? 0)

/** All that is remembered of the baseline, as one summary. */
export const totalOf = ({ newer, older }: Past): Summary =>
  older === null ? newer.total : mergeSummaries(older.total, newer.total)

/** How much a hypothesis's answer varied from window to window. */
export function spreadOf({ newer, older }: Past, { id }: Hypothesis): Spread {
  const find = (generation: Generation | null) => generation?.spreads.find(([name]) => name === id)?.[1] ?? noSpread
  return mergeSpreads(find(older), find(newer))
}

/**
 * Takes in one more window of the baseline. Without thresholds the present ones of the past are used,
 * which hardly move from one window to the next.
 */
export function addWindow(
  past: Past,
  window: Summary,
  guardrails: readonly Guardrail[],
  thresholds: readonly (Thresholds | null)[],
): Past {
  if (finishedOf(window) === 0) return past
  const isFull = past.newer.windows >= GENERATION
  const older = isFull ? past.newer : past.older
  const { windows, total, spreads } = isFull ? noGeneration() : past.newer
  const all = { older, newer: { windows: windows + 1, total: mergeSummaries(total, window), spreads }, last: window }
  const { last } = past
  if (last === null) return all
  const known = totalOf(all)
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

/** Tells a past from anything else that a store may hold. */
export const isPast = (value: unknown): value is Past =>
  typeof value === 'object' && value !== null && 'newer' in value && 'older' in value && 'last' in value
