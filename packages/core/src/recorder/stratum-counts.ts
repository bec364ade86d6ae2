import { OUTCOMES, type Variant } from '../foundation/vocabulary.js'
import type { Writable } from '../foundation/writable.js'
import { countInto } from '../summaries/histogram.js'
import { plainForm, STRATUM_COUNT, type Strata, type StrataForm, strataForm, stratumOf } from '../summaries/strata.js'
import type { AnswerEvent } from './aggregate.js'
import { type ClassRows, createClassRows } from './class-rows.js'
import { METRIC_VALUES, type Measurement, SCORE_VALUE } from './measurement.js'
import { createPlaceCounts, type PlaceCounts } from './place-counts.js'
import type { Origin } from './recorder-contract.js'
import type { Slots } from './slots.js'

/** The live counts by stratum of the calls that one version served alone. Memory is taken for the first such call. */
export interface StratumCounts {
  readonly byteLength: number
  /**
   * Counts a finished call and its answer event. This is the hot path: it allocates nothing but at the first call.
   *
   * @param isNewCaller whether its caller was not counted yet
   */
  add(origin: Origin, call: Measurement, event: AnswerEvent, isNewCaller: boolean): void
  /** Counts an answer event of a pending call. */
  decide(origin: Origin, event: AnswerEvent): void
  /** Counts only the business metrics of a call. */
  addMetrics(origin: Origin, call: Measurement): void
  /** Must be called when labels have changed their slots. */
  forgetSlots(): void
  /** Returns the JSON form, or `null` if nothing was counted. */
  read(): Strata | null
  /** Returns the same, and begins anew with this form. */
  cut(form: StrataForm): Strata | null
}

/** Creates empty counts of a version, without a cap and without tails, classes and metrics. */
export function createStratumCounts(slots: Pick<Slots, 'labels' | 'metrics'>, variant: Variant): StratumCounts {
  const stratumOfOrigin = variant === 'baseline' ? stratumBefore : stratumAfter
  let form = plainForm
  let generation: Generation | undefined

  const open = (): Generation => {
    generation = createGeneration(form, slots)
    counts.byteLength = generation.byteLength
    return generation
  }
  const read = (): Strata | null => generation?.read() ?? null

  const counts: Writable<StratumCounts> = {
    byteLength: 0,
    add(origin, call, event, isNewCaller) {
      const stratum = stratumOfOrigin(origin)
      if (stratum >= 0) (generation ?? open()).add(stratum, call, event, isNewCaller)
    },
    decide(origin, event) {
      const stratum = stratumOfOrigin(origin)
      if (stratum >= 0) (generation ?? open()).counts.decide(stratum, event)
    },
    addMetrics(origin, call) {
      const stratum = stratumOfOrigin(origin)
      if (stratum >= 0) (generation ?? open()).addMetrics(stratum, call)
    },
    forgetSlots: () => generation?.rows.forgetSlots(),
    read,
    cut(next) {
      const counted = read()
      form = strataForm(next)
      generation = undefined
      counts.byteLength = 0
      return counted
    },
  }
  return counts
}

/** Returns the stratum of a call that the baseline served alone; −1 for any other call. */
const stratumBefore = ({ reason, bucket }: Origin): number => (reason === 'disabled' ? stratumOf(bucket) : -1)

/** Returns the stratum of a call that the canary served alone, after its promotion; −1 for any other call. */
const stratumAfter = ({ reason, weight, bucket }: Origin): number =>
  reason === 'split' && weight === 100 ? stratumOf(bucket) : -1

const REJECTED = /* @__PURE__ */ OUTCOMES.indexOf('rejected')

/** Stands for a metric that is not counted by stratum. */
const NO_METRIC = -1

/** Counts of one form. */
interface Generation {
  readonly byteLength: number
  readonly counts: PlaceCounts
  readonly rows: ClassRows
  add(stratum: number, call: Measurement, event: AnswerEvent, isNewCaller: boolean): void
  addMetrics(stratum: number, call: Measurement): void
  read(): Strata
}

function createGeneration(form: StrataForm, { labels, metrics }: Pick<Slots, 'labels' | 'metrics'>): Generation {
  const { tailBins } = form
  const rows = createClassRows(labels, form.classes)
  const capUs = form.capMs === null ? Number.POSITIVE_INFINITY : form.capMs * 1_000
  const counts = createPlaceCounts({ places: STRATUM_COUNT, rows, capUs })
  const callers = new Uint32Array(2 * STRATUM_COUNT) // all, then the rejected ones
  const beyond = new Uint32Array(tailBins.length * STRATUM_COUNT)
  const scores = createScoreCounts(form)
  const valueCounts = new Uint32Array((1 + form.metrics.length) * STRATUM_COUNT) // the score, then the metrics
  const valueSums = new Float64Array((1 + form.metrics.length) * STRATUM_COUNT)
  const rowOfMetric = new Int16Array(metrics.capacity + 1).fill(NO_METRIC)
  for (const [at, name] of form.metrics.entries()) rowOfMetric[metrics.slotOf(name)] = 1 + at

  /** Reads the number from its array: a separate argument might be allocated on the heap. */
  const addValue = (place: number, values: Float64Array, at: number): void => {
    countInto(valueCounts, place)
    valueSums[place]! += values[at]!
  }
  const addMetrics: Generation['addMetrics'] = (stratum, { metricCount, metricSlots, values }) => {
    for (let at = 0; at < metricCount; at++) {
      const row = rowOfMetric[metricSlots[at]!]!
      if (row !== NO_METRIC) addValue(row * STRATUM_COUNT + stratum, values, METRIC_VALUES + at)
    }
  }
  const valuesAt = (row: number) => [listAt(valueCounts, row), listAt(valueSums, row)] as const

  return {
    counts,
    rows,
    byteLength: [counts, rows, callers, beyond, scores, valueCounts, valueSums, rowOfMetric].reduce(
      (sum, { byteLength }) => sum + byteLength,
      0,
    ),
    add(stratum, call, event, isNewCaller) {
      counts.add(stratum, call, event)
      for (let at = 0; at < tailBins.length; at++) {
        if (call.bin >= tailBins[at]!) countInto(beyond, at * STRATUM_COUNT + stratum)
      }
      if (isNewCaller) countInto(callers, stratum)
      if (isNewCaller && call.outcome === REJECTED) countInto(callers, STRATUM_COUNT + stratum)
      if (call.hasScore) {
        addValue(stratum, call.values, SCORE_VALUE)
        scores.add(stratum, call)
      }
      addMetrics(stratum, call)
    },
    addMetrics,
    read: () => ({
      ...counts.read(),
      form,
      callers: listAt(callers, 0),
      rejected: listAt(callers, 1),
      beyond: tailBins.map((bin, at) => [bin, listAt(beyond, at)] as const),
      score: valuesAt(0),
      ...scores.read(),
      metrics: form.metrics.map((name, at) => [name, valuesAt(1 + at)] as const),
    }),
  }
}

/** Counts the scores between the edges of a form, if it has edges. */
function createScoreCounts({ scoreEdges = [] }: StrataForm) {
  const classes = scoreEdges.length > 0 ? scoreEdges.length + 1 : 0
  const counts = new Uint32Array(classes * STRATUM_COUNT)
  return {
    byteLength: counts.byteLength,
    add(stratum: number, { scoreBin }: Measurement): void {
      if (classes === 0) return
      let at = 0
      while (at < scoreEdges.length && scoreBin >= scoreEdges[at]!) at++
      countInto(counts, at * STRATUM_COUNT + stratum)
    },
    read: (): Pick<Strata, 'scoreClasses'> =>
      classes === 0 ? {} : { scoreClasses: Array.from({ length: classes }, (_, at) => listAt(counts, at)) },
  }
}

function listAt(counts: Float64Array | Uint32Array, row: number): readonly number[] {
  return Array.from(counts.subarray(row * STRATUM_COUNT, (row + 1) * STRATUM_COUNT))
}
