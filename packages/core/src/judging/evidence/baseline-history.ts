import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Hypothesis } from '../../guardrails/hypothesis.js'
import { hypothesesOf, thresholdsOf } from '../../guardrails/kind-of.js'
import { addPair, mergeSpreads, noSpread, type Spread } from '../../statistics/dispersion.js'
import type { SortedPairs } from '../../summaries/sorted-pairs.js'
import { mergePairs } from '../../summaries/sorted-pairs.js'
import { emptySummary, finishedOf, mergeSummaries, type Summary } from '../../summaries/summary.js'
import type { UserOffsets } from './user-offsets.js'
import { countedOn, type UsersPast } from './users-past.js'

/** Windows of the baseline that are kept together and dropped together. */
interface Generation {
  readonly windows: number
  readonly total: Summary
  /** By the id of a hypothesis. */
  readonly spreads: SortedPairs<string, Spread>
}

/**
 * The baseline's history, from windows of equal length: rates, quantiles and noise. Plain JSON of bounded size.
 *
 * The newest 80 to 160 windows are kept, in two generations. Thresholds and dispersions are computed from it.
 */
export interface BaselineHistory {
  readonly newer: Generation
  readonly older: Generation | null
  readonly last: Summary | null
  /** How the users differ; `null` until thresholds are known, and during a rollout. */
  readonly users: UsersPast | null
  /** How the users of the arms differ in the rollout that began with this history. */
  readonly offsets?: UserOffsets | null
}

/** The number of windows in a generation. Two generations are 40 minutes with windows of 15 s. */
const GENERATION = 80

const noGeneration = (): Generation => ({ windows: 0, total: emptySummary(), spreads: [] })

/** Returns a history without windows. */
export const noHistory = (): BaselineHistory => ({ newer: noGeneration(), older: null, last: null, users: null })

/** Returns the number of windows in a history. */
export const windowCountOf = ({ newer, older }: BaselineHistory): number => newer.windows + (older?.windows ?? 0)

/** Returns the sum of all windows of a history. */
export const historySummaryOf = ({ newer, older }: BaselineHistory): Summary =>
  older === null ? newer.total : mergeSummaries(older.total, newer.total)

/** Returns how much the statistic of a hypothesis varied from window to window. */
export function spreadOf({ newer, older }: BaselineHistory, { id }: Hypothesis): Spread {
  const find = (generation: Generation | null) => generation?.spreads.find(([name]) => name === id)?.[1] ?? noSpread
  return mergeSpreads(find(older), find(newer))
}

/**
 * Returns the history with one more window of a rollout. A window without a finished flight is left out.
 *
 * Noise is not learned from it, because the baseline has less traffic than before and the canary may affect it.
 */
export function countWindow(baselineHistory: BaselineHistory, window: Summary): BaselineHistory {
  if (finishedOf(window) === 0) return baselineHistory
  const isFull = baselineHistory.newer.windows >= GENERATION
  const older = isFull ? baselineHistory.newer : baselineHistory.older
  const { windows, total, spreads } = isFull ? noGeneration() : baselineHistory.newer
  const newer = { windows: windows + 1, total: mergeSummaries(total, window), spreads }
  return { ...baselineHistory, older, newer, last: window }
}

/**
 * Returns the history with one more window of the baseline alone. A window without a finished flight is left out.
 *
 * Guardrails get the thresholds of the present history, which change little from window to window.
 */
export function learnWindow(
  baselineHistory: BaselineHistory,
  window: Summary,
  guardrails: readonly Guardrail[],
): BaselineHistory {
  const counted = countWindow(baselineHistory, window)
  const all = counted === baselineHistory ? counted : { ...counted, users: countedOn(counted.users) }
  const { last } = baselineHistory
  if (last === null || all === baselineHistory) return all
  const known = historySummaryOf(all)
  const hypotheses = guardrails
    .flatMap((guardrail) => hypothesesOf(guardrail, thresholdsOf(guardrail, known)))
    .filter(({ isHarmOnly }) => isHarmOnly !== true) // these have the noise of others
  const { spreads } = all.newer
  const pairs = hypotheses
    .map(
      ({ id, statistic }) => [id, addPair(noSpread, statistic.momentsOf(last), statistic.momentsOf(window))] as const,
    )
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { ...all, newer: { ...all.newer, spreads: mergePairs(spreads, pairs, mergeSpreads) } }
}

/** Returns the history without what a rollout takes over once: its noise, and how the users differ. */
export function withoutNoise({ newer, older, last }: BaselineHistory): BaselineHistory {
  return { newer: { ...newer, spreads: [] }, older: older && { ...older, spreads: [] }, last, users: null }
}

/** Returns whether a stored value is a history. */
export const isBaselineHistory = (value: unknown): value is BaselineHistory =>
  typeof value === 'object' &&
  value !== null &&
  'newer' in value &&
  'older' in value &&
  'last' in value &&
  'users' in value
