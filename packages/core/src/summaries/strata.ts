import { isRecord } from '../foundation/options.js'
import type { Clusters } from './clusters.js'
import { addLists, CLASS_ROWS, type CountsByPlace, mergeCountsByPlace } from './counts-by-place.js'
import { BIN_COUNT } from './histogram.js'
import { SCORE_BIN_COUNT } from './score-bins.js'
import { mergePairs, type SortedPairs } from './sorted-pairs.js'

/** The number of strata: one for each percent of the routing buckets. */
export const STRATUM_COUNT = 100

/** The largest number of edges between classes of scores. */
const SCORE_EDGES = 9

/** The number of routing buckets in a stratum. */
const BUCKETS = 100

/** What is counted by stratum besides the outcomes. It is fixed when the counting begins. Plain JSON. */
export interface StrataForm {
  /** Longer latencies count as this, in milliseconds; `null` for no cap. */
  readonly capMs: number | null
  /** Calls are counted whose latency is in each of these bins of the histogram or above. */
  readonly tailBins: readonly number[]
  /** The predicted classes that are counted one by one, at most twelve. */
  readonly classes: readonly string[]
  /** The business metrics that are counted. */
  readonly metrics: readonly string[]
  /**
   * Scores are counted by class: each class but the lowest begins with one of these bins of scores, at most nine. Left
   * out if they are not.
   */
  readonly scoreEdges?: readonly number[]
}

/** The number of values of each stratum, and their sum. */
export type ValuesByStratum = readonly [counts: readonly number[], sums: readonly number[]]

/**
 * Sums of the baseline's flights while it serves alone, by the stratum of the routing bucket. Keys are not kept.
 *
 * A split of whole percents gives whole strata to the canary, so that the strata show how the users of the two arms
 * differ before there is a canary.
 */
export interface Strata extends Required<CountsByPlace> {
  /** By what was counted. Counts of different forms cannot be added. */
  readonly form: StrataForm
  /** Callers that made a call, and those with a rejected call, as `Summary.rejections` counts them. */
  readonly callers: readonly number[]
  /** Callers with a rejected call. */
  readonly rejected: readonly number[]
  /** Calls whose latency was in the bin or above, by the bin. */
  readonly beyond: SortedPairs<number, readonly number[]>
  /** The scores. */
  readonly score: ValuesByStratum
  /** The scores in each class, the lowest class first; left out if the form has no classes of scores. */
  readonly scoreClasses?: readonly (readonly number[])[]
  /** The business metrics, by name. */
  readonly metrics: SortedPairs<string, ValuesByStratum>
}

/** Counts by user as far as they are known: clusters, or strata, which have more. */
export type CountsByUser = Clusters & Partial<Omit<Strata, keyof Clusters>>

/** The form of strata of which nothing is known yet. */
export const plainForm: StrataForm = /* @__PURE__ */ Object.freeze({
  capMs: null,
  tailBins: [],
  classes: [],
  metrics: [],
})

/** Returns the stratum 0…99 of a routing bucket, or −1 if the value is not a bucket. */
export function stratumOf(bucket: number | undefined): number {
  if (typeof bucket !== 'number' || !(bucket >= 0 && bucket < STRATUM_COUNT * BUCKETS)) return -1
  return Math.floor(bucket / BUCKETS)
}

/** Returns a form with sorted lists that name nothing twice. Of the classes, the first twelve are kept. */
export function strataForm({ capMs, tailBins, classes, metrics, scoreEdges = [] }: StrataForm): StrataForm {
  const edges = [...new Set(scoreEdges)].slice(0, SCORE_EDGES).sort((a, b) => a - b)
  return {
    capMs,
    tailBins: [...new Set(tailBins)].sort((a, b) => a - b),
    classes: [...new Set(classes)].slice(0, CLASS_ROWS).sort(),
    metrics: [...new Set(metrics)].sort(),
    ...(edges.length > 0 && { scoreEdges: edges }),
  }
}

/** Returns whether two forms count the same. */
export const isSameForm = (a: StrataForm, b: StrataForm): boolean =>
  JSON.stringify(strataForm(a)) === JSON.stringify(strataForm(b))

/** Returns the sum of two strata; the newer ones alone if they were counted by another form. */
export function mergeStrata(older: Strata, newer: Strata): Strata {
  if (!isSameForm(older.form, newer.form)) return newer
  return {
    ...mergeCountsByPlace(older, newer),
    form: newer.form,
    callers: addLists(older.callers, newer.callers),
    rejected: addLists(older.rejected, newer.rejected),
    beyond: mergePairs(older.beyond, newer.beyond, addLists),
    score: addValues(older.score, newer.score),
    metrics: mergePairs(older.metrics, newer.metrics, addValues),
    ...(newer.scoreClasses && {
      scoreClasses: newer.scoreClasses.map((counts, at) =>
        addLists(older.scoreClasses?.[at] ?? counts.map(() => 0), counts),
      ),
    }),
  }
}

const addValues = ([counts, sums]: ValuesByStratum, [moreCounts, moreSums]: ValuesByStratum): ValuesByStratum => [
  addLists(counts, moreCounts),
  addLists(sums, moreSums),
]

const COUNTS = [
  ...['finished', 'answered', 'errors', 'timeouts', 'aborted', 'decided', 'unanswered'],
  ...['latencyMs', 'predicted', 'callers', 'rejected'],
] as const

/** Returns whether a stored value is strata. */
export function isStrata(value: unknown): value is Strata {
  if (!isRecord(value) || !isForm(value.form)) return false
  return (
    COUNTS.every((column) => areCounts(value[column])) &&
    arePairs(value.predictions, isText, areCounts) &&
    arePairs(value.beyond, isBin, areCounts) &&
    areValues(value.score) &&
    (value.scoreClasses === undefined
      ? value.form.scoreEdges === undefined
      : areClasses(value.scoreClasses, value.form)) &&
    arePairs(value.metrics, isText, areValues)
  )
}

export function isForm(value: unknown): value is StrataForm {
  if (!isRecord(value)) return false
  const { capMs, tailBins, classes, metrics, scoreEdges = [] } = value
  const isCap = capMs === null || (Number.isFinite(capMs) && (capMs as number) > 0)
  return (
    isCap &&
    isListOf(tailBins, isBin) &&
    isListOf(classes, isText) &&
    isListOf(metrics, isText) &&
    isListOf(scoreEdges, isScoreBin)
  )
}

const isText = (value: unknown): value is string => typeof value === 'string'

const isBin = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < BIN_COUNT

const isScoreBin = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < SCORE_BIN_COUNT

const areClasses = (value: unknown, { scoreEdges = [] }: StrataForm): boolean =>
  isListOf(value, areCounts) && (value as readonly unknown[]).length === scoreEdges.length + 1

const isListOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem)

const areNumbers = (value: unknown): boolean =>
  isListOf(value, Number.isFinite) && (value as readonly number[]).length === STRATUM_COUNT

const areCounts = (value: unknown): boolean =>
  areNumbers(value) && (value as readonly number[]).every((count) => count >= 0)

const areValues = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && areCounts(value[0]) && areNumbers(value[1])

const arePairs = (
  value: unknown,
  isKey: (key: unknown) => boolean,
  isContent: (content: unknown) => boolean,
): boolean =>
  isListOf(value, (pair) => Array.isArray(pair) && pair.length === 2 && isKey(pair[0]) && isContent(pair[1]))
