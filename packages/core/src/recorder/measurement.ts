import type { CanaryErrorCode } from '../foundation/errors.js'
import { LONGEST_NAME, show } from '../foundation/options.js'
import { OUTCOMES, type Outcome, type Variant } from '../foundation/vocabulary.js'
import { LARGEST_VALUE } from '../statistics/moments.js'
import { binOf } from '../summaries/histogram.js'
import { capped, type NameTable } from './name-table.js'

/** A finished call, checked and translated into slots. Reused: it holds until the next one is taken. */
export interface Measurement {
  variant: Variant
  at: number
  /** When the call began; NaN where its duration is not known. */
  startedAt: number
  /** The outcome's place among {@link OUTCOMES}. */
  outcome: number
  /** The duration's bin; −1 where no latency is counted. */
  bin: number
  /** The label's slot; −1 where no class is counted. */
  labelSlot: number
  hasScore: boolean
  isBlockedKnown: boolean
  metricCount: number
  readonly metricSlots: Uint16Array
  /** The numbers that are added up: {@link DURATION_VALUE}, {@link SCORE_VALUE}, {@link BLOCKED_VALUE}, from {@link METRIC_VALUES} on the metrics. */
  readonly values: Float64Array
}

/** The place of the duration in microseconds among a measurement's values. */
export const DURATION_VALUE = 0

/** The place of the score. */
export const SCORE_VALUE = 1

/** The place of the time in microseconds for which the call blocked the event loop. */
export const BLOCKED_VALUE = 2

/** The place of the first metric. */
export const METRIC_VALUES = 3

/** What a measurer needs to know. */
export interface MeasurerOptions {
  readonly labels: NameTable
  readonly metrics: NameTable
  readonly report: (code: CanaryErrorCode, describe: () => string) => void
}

const FIELDS = ['variant', 'at', 'durationMs', 'outcome', 'prediction', 'score', 'metrics', 'blockedMs'] as const

const SUCCESS = /* @__PURE__ */ OUTCOMES.indexOf('success')
const ERROR = /* @__PURE__ */ OUTCOMES.indexOf('error')
const TIMEOUT = /* @__PURE__ */ OUTCOMES.indexOf('timeout')

/** What stands for a field that threw as it was read: no check accepts it. */
const UNREADABLE = Symbol('unreadable')

/** The longest duration whose microseconds are exact; far beyond any clock's life. */
const LONGEST_MS = Number.MAX_SAFE_INTEGER / 1000

/**
 * Makes the function that checks observations. Whatever is wrong with one is reported and left out;
 * what is right with it is kept. Without a variant there is nothing to keep; an unknown outcome is counted as an error.
 */
export function createMeasurer({ labels, metrics, report }: MeasurerOptions) {
  const shared = blank(metrics.capacity)
  let isBusy = false
  const latestAt = new Float64Array(1) // a variable would hold a new number on the heap each time

  return function measure(observation: unknown): Measurement | undefined {
    const call = isBusy ? blank(metrics.capacity) : shared // a getter or a listener may record in its turn
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

  /** Keeps the numbers in one function: each that is passed on to another may be a number on the heap. */
  function read(call: Measurement, observation: Fields): boolean {
    const { variant, at, durationMs, outcome, prediction, score, metrics: values, blockedMs } = observation
    if (variant !== 'baseline' && variant !== 'canary') return refuse('INVALID_VARIANT', 'variant', variant)
    call.variant = variant
    call.outcome = OUTCOMES.indexOf(outcome as Outcome)
    if (call.outcome < 0) {
      refuse('INVALID_OUTCOME', 'outcome', outcome)
      call.outcome = ERROR // an end that cannot be read is no success
    }

    if (Number.isFinite(at)) latestAt[0] = at as number
    else refuse('INVALID_DURATION', 'at', at)
    call.at = latestAt[0]!
    call.bin = -1
    call.startedAt = Number.NaN
    if (typeof durationMs === 'number' && durationMs >= 0 && durationMs <= LONGEST_MS) {
      call.startedAt = call.at - durationMs
      if (call.outcome <= TIMEOUT) {
        const us = Math.round(durationMs * 1000) // how long a client waited, or a refusal took, says nothing of the model
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
    } // a call that failed gave no output: whatever is said of one is not the model's

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
      refuse('INVALID_METRIC', 'metrics', UNREADABLE) // a proxy that does not let its names be listed
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

/** A copy of an observation of which not every field can be read. */
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
