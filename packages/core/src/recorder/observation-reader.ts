import { OUTCOMES, type Outcome } from '../foundation/vocabulary.js'
import { binOf } from '../summaries/histogram.js'
import { capped } from '../summaries/name-table.js'
import { scoreBinOf } from '../summaries/score-bins.js'
import type { Fields } from './fields.js'
import { BLOCKED_VALUE, DURATION_VALUE, type Measurement, SCORE_VALUE } from './measurement.js'
import { createMetricReader, isMeasurable } from './metric-reader.js'
import { createRefuse, type Report } from './report.js'
import type { Slots } from './slots.js'

const SUCCESS = /* @__PURE__ */ OUTCOMES.indexOf('success')
const ERROR = /* @__PURE__ */ OUTCOMES.indexOf('error')
const TIMEOUT = /* @__PURE__ */ OUTCOMES.indexOf('timeout')

/** The longest duration whose microseconds are exact; far beyond any real duration. */
const LONGEST_MS = Number.MAX_SAFE_INTEGER / 1000

/** Writes the fields of an observation into a measurement. Returns `false` if the variant is not valid. */
export type ReadObservation = (call: Measurement, observation: Fields) => boolean

/**
 * Returns the function that reads observations. Invalid fields are reported and left out; valid fields are kept.
 * An unknown outcome counts as an error.
 */
export function createObservationReader(
  { labels, metrics }: Pick<Slots, 'labels' | 'metrics'>,
  report: Report,
): ReadObservation {
  const refuse = createRefuse(report)
  const readMetrics = createMetricReader(metrics, refuse)
  const latestAt = new Float64Array(1) // a variable would allocate a number on the heap each time

  function readClass(call: Measurement, prediction: unknown): void {
    if (isClass(prediction)) call.labelSlot = labels.slotOf(textOf(prediction))
    else refuse('INVALID_PREDICTION', 'prediction', prediction)
  }

  /** Handles all numbers in one function: a number that is passed on may be allocated on the heap. */
  return function read(call, observation) {
    const { variant, at, durationMs, outcome, prediction, score, metrics: values, blockedMs } = observation
    if (variant !== 'baseline' && variant !== 'canary') return refuse('INVALID_VARIANT', 'variant', variant)
    call.variant = variant
    call.outcome = outcome === 'success' ? SUCCESS : OUTCOMES.indexOf(outcome as Outcome)
    if (call.outcome < 0) {
      refuse('INVALID_OUTCOME', 'outcome', outcome)
      call.outcome = ERROR // an unreadable end does not count as a success
    }

    if (Number.isFinite(at)) latestAt[0] = at as number
    else refuse('INVALID_DURATION', 'at', at)
    call.at = latestAt[0]!
    call.bin = -1
    call.startedAt = Number.NaN
    if (typeof durationMs === 'number' && durationMs >= 0 && durationMs <= LONGEST_MS) {
      call.startedAt = call.at - durationMs
      if (call.outcome <= TIMEOUT) {
        const us = Math.round(durationMs * 1000) // a client's wait or a refusal says nothing about the model
        call.values[DURATION_VALUE] = us
        call.bin = binOf(us)
      }
    } else refuse('INVALID_DURATION', 'durationMs', durationMs)

    call.labelSlot = -1
    call.hasScore = false
    if (call.outcome === SUCCESS) {
      if (prediction !== undefined) readClass(call, prediction)
      if (isMeasurable(score)) {
        call.hasScore = true
        call.values[SCORE_VALUE] = score
        call.scoreBin = scoreBinOf(score)
      } else if (score !== undefined) refuse('INVALID_SCORE', 'score', score)
    } // a failed call has no output of the model

    call.isBlockedKnown = typeof blockedMs === 'number' && blockedMs >= 0 && blockedMs <= LONGEST_MS
    if (call.isBlockedKnown) call.values[BLOCKED_VALUE] = Math.round((blockedMs as number) * 1000)

    call.metricCount = 0
    if (values !== undefined) readMetrics(call, values)
    return true
  }
}

function isClass(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}

function textOf(prediction: string | number | boolean): string {
  return typeof prediction === 'string' ? capped(prediction) : String(prediction)
}
