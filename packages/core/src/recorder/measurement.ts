import type { Variant } from '../foundation/vocabulary.js'

/** A finished call, checked and converted to slots. The object is reused: it is valid until the next call. */
export interface Measurement {
  variant: Variant
  at: number
  /** When the call began; NaN if its duration is unknown. */
  startedAt: number
  /** The outcome's index in {@link OUTCOMES}. */
  outcome: number
  /** The duration's bin; −1 if no latency is counted. */
  bin: number
  /** The label's slot; −1 if no class is counted. */
  labelSlot: number
  hasScore: boolean
  /** The bin of the score, if there is one. */
  scoreBin: number
  isBlockedKnown: boolean
  metricCount: number
  readonly metricSlots: Uint16Array
  /** Values: {@link DURATION_VALUE}, {@link SCORE_VALUE}, {@link BLOCKED_VALUE}, from {@link METRIC_VALUES} metrics. */
  readonly values: Float64Array
}

/** The index of the duration in microseconds in a measurement's values. */
export const DURATION_VALUE = 0

/** The index of the score. */
export const SCORE_VALUE = 1

/** The index of the time in microseconds for which the call blocked the event loop. */
export const BLOCKED_VALUE = 2

/** The index of the first metric. */
export const METRIC_VALUES = 3

/** Creates a measurement with places for this many metrics. */
export function createMeasurement(metricPlaces: number): Measurement {
  return {
    variant: 'baseline',
    at: Number.NaN,
    startedAt: Number.NaN,
    outcome: 0,
    bin: -1,
    labelSlot: -1,
    hasScore: false,
    scoreBin: 0,
    isBlockedKnown: false,
    metricCount: 0,
    metricSlots: new Uint16Array(metricPlaces),
    values: new Float64Array(METRIC_VALUES + metricPlaces),
  }
}
