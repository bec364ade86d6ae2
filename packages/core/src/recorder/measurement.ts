import type { CanaryErrorCode } from '../foundation/errors.js'
import { LONGEST_NAME, show } from '../foundation/options.js'
import { OUTCOMES, type Outcome, type Variant } from '../foundation/vocabulary.js'
import { LARGEST_VALUE } from '../statistics/moments.js'
import { binOf } from '../summaries/histogram.js'
import { capped, type NameTable } from './name-table.js'

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

/** Options of a measurer. */
export interface MeasurerOptions {
  readonly labels: NameTable
  readonly metrics: NameTable
  readonly report: (code: CanaryErrorCode, describe: () => string) => void
}

const FIELDS = ['variant', 'at', 'durationMs', 'outcome', 'prediction', 'score', 'metrics', 'blockedMs'] as const

const SUCCESS = /* @__PURE__ */ OUTCOMES.indexOf('success')
const ERROR = /* @__PURE__ */ OUTCOMES.indexOf('error')
const TIMEOUT = /* @__PURE__ */ OUTCOMES.indexOf('timeout')

/** Stands for a field that threw when it was read; no check accepts it. */
const UNREADABLE = Symbol('unreadable')

/** The longest duration whose microseconds are exact; far beyond any real duration. */
const LONGEST_MS = Number.MAX_SAFE_INTEGER / 1000

/**
 * Returns the function that checks observations. Invalid fields are reported and left out; valid fields are kept.
 * An observation without a valid variant is left out; an unknown outcome counts as an error.
 */
export function createMeasurer({ labels, metrics, report }: MeasurerOptions) {
  const shared = blank(metrics.capacity)
  let isBusy = false
  const latestAt = new Float64Array(1) // a variable would allocate a number on the heap each time

  return function measure(observation: unknown): Measurement | undefined {
    const call = isBusy ? blank(metrics.capacity) : shared // a getter or a listener may also call record
    const wasBusy = isBusy
    isBusy = true
    try {
      return read(call, observation as Fields) ? call : undefined
    } catch {
      return read(call, legible(observation)) ? call : undefined
    } finally {
      isBusy = wasBusy
    }
  }

  /** Handles all numbers in one function: a number that is passed on may be allocated on the heap. */
  function read(call: Measurement, observation: Fields): boolean {
    const { variant, at, durationMs, outcome, prediction, score, metrics: values, blockedMs } = observation
    if (variant !== 'baseline' && variant !== 'canary') return refuse('INVALID_VARIANT', 'variant', variant)
    call.variant = variant
    call.outcome = OUTCOMES.indexOf(outcome as Outcome)
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
      } else if (score !== undefined) refuse('INVALID_SCORE', 'score', score)
    } // a failed call has no output of the model

    call.isBlockedKnown = typeof blockedMs === 'number' && blockedMs >= 0 && blockedMs <= LONGEST_MS
    if (call.isBlockedKnown) call.values[BLOCKED_VALUE] = Math.round((blockedMs as number) * 1000)

    call.metricCount = 0
    if (values !== undefined) readMetrics(call, values)
    return true
  }

  function readClass(call: Measurement, prediction: unknown): void {
    if (isClass(prediction)) call.labelSlot = labels.slotOf(textOf(prediction))
    else refuse('INVALID_PREDICTION', 'prediction', prediction)
  }

  function readMetrics(call: Measurement, values: unknown): void {
    if (typeof values !== 'object' || values === null) {
      refuse('INVALID_METRIC', 'metrics', values)
      return
    }
    try {
      for (const name in values) if (Object.hasOwn(values, name)) readMetric(call, name, values as Fields)
    } catch {
      refuse('INVALID_METRIC', 'metrics', UNREADABLE) // a proxy whose names cannot be listed
    }
  }

  function readMetric(call: Measurement, name: string, values: Fields): void {
    const value = field(values, name)
    const number = typeof value === 'boolean' ? Number(value) : value
    if (!isMeasurable(number)) {
      refuse('INVALID_METRIC', 'metric', value)
      return
    }
    const isFirstOverflow = !metrics.overflowed
    const slot = name.length > LONGEST_NAME ? metrics.capacity : metrics.slotOf(name)
    if (slot < metrics.capacity) {
      call.metricSlots[call.metricCount] = slot
      call.values[METRIC_VALUES + call.metricCount++] = number
    } else if (isFirstOverflow) refuse('INVALID_METRIC', 'name', name)
  }

  function refuse(code: CanaryErrorCode, name: string, value: unknown): false {
    report(code, () => `${name} is ${show(value)}`)
    return false
  }
}

type Fields = Readonly<Record<string, unknown>>

function blank(metricPlaces: number): Measurement {
  return {
    variant: 'baseline',
    at: Number.NaN,
    startedAt: Number.NaN,
    outcome: 0,
    bin: -1,
    labelSlot: -1,
    hasScore: false,
    isBlockedKnown: false,
    metricCount: 0,
    metricSlots: new Uint16Array(metricPlaces),
    values: new Float64Array(METRIC_VALUES + metricPlaces),
  }
}

function isClass(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}

function textOf(prediction: string | number | boolean): string {
  return typeof prediction === 'string' ? capped(prediction) : String(prediction)
}

function isMeasurable(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= LARGEST_VALUE
}

/** Returns a copy of an observation with some unreadable fields. */
function legible(observation: unknown): Fields {
  return Object.fromEntries(FIELDS.map((name) => [name, field(observation as Fields, name)]))
}

function field(object: Fields, name: string): unknown {
  try {
    return object[name]
  } catch {
    return UNREADABLE
  }
}
