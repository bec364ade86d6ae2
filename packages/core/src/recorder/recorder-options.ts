import { CanaryError } from '../foundation/errors.js'
import {
  type Defaults,
  numberWithin,
  optionalFunction,
  refuseUnknown,
  safeName,
  show,
  wholeNumber,
} from '../foundation/options.js'
import type { Summary } from '../summaries/summary.js'

/**
 * Options of a recorder. With the defaults, a version takes 61 KiB, with windows of the baseline up to 64.2 KiB, and
 * 5 KiB more from the first call with a key on. The first call with a routing bucket takes 17 KiB more, and calls with
 * one that the baseline serves alone 9 KiB, and 1 KiB for each metric of a guardrail.
 */
export interface RecorderOptions {
  /** The number of slices of the sliding window. @default 6 */
  readonly slices?: number
  /** The length of a slice, in milliseconds. @default 10_000 */
  readonly sliceMs?: number
  /** The number of predicted classes that are distinguished; the others count as "other". @default 50 */
  readonly maxLabels?: number
  /** The maximum number of business metrics. @default 16 */
  readonly maxMetrics?: number
  /** Business metrics that are always kept, beyond `maxMetrics` if necessary. @default [] */
  readonly metrics?: readonly string[]
  /** The length of a window of the baseline, in milliseconds, for {@link RecorderOptions.onWindow}; at least 1. */
  readonly windowMs?: number | undefined
  /**
   * Called with the baseline's summary of each finished window, in every state of the rollout.
   * The first observation after a window ends it, so that idle times have no windows.
   */
  readonly onWindow?: ((baseline: Summary) => void) | undefined
  /** Called with an error for every observation, or part of one, that could not be counted. */
  readonly onInternalError?: ((error: CanaryError) => void) | undefined
}

/** What an option is if it is not given. */
const RECORDER_DEFAULTS = {
  slices: 6,
  sliceMs: 10_000,
  maxLabels: 50,
  maxMetrics: 16,
  metrics: [],
} as const satisfies Defaults<RecorderOptions>

/** Recorder options in which every field is present and valid. */
export type ResolvedRecorderOptions = Readonly<Required<RecorderOptions>>

/** Fills in and checks the options of a recorder. */
export function resolveRecorderOptions(options: RecorderOptions = {}): ResolvedRecorderOptions {
  refuseUnknown('createRecorder', options, {
    slices: 1,
    sliceMs: 1,
    maxLabels: 1,
    maxMetrics: 1,
    metrics: 1,
    windowMs: 1,
    onWindow: 1,
    onInternalError: 1,
  })
  const { slices = RECORDER_DEFAULTS.slices, sliceMs = RECORDER_DEFAULTS.sliceMs } = options
  const {
    maxLabels = RECORDER_DEFAULTS.maxLabels,
    maxMetrics = RECORDER_DEFAULTS.maxMetrics,
    metrics = RECORDER_DEFAULTS.metrics,
  } = options
  const { windowMs, onWindow, onInternalError } = options
  if (!Array.isArray(metrics)) {
    throw new CanaryError('INVALID_OPTION', `metrics must be an array of names, got ${show(metrics)}`)
  }
  if ((windowMs === undefined) !== (onWindow === undefined)) {
    throw new CanaryError('INVALID_OPTION', 'windowMs and onWindow belong together; pass both or neither')
  }
  const names = [...new Set(metrics.map((name) => safeName('a name of metrics', name)))]
  return Object.freeze({
    slices: wholeNumber('slices', slices, 1, 1_000),
    sliceMs: numberWithin('sliceMs', sliceMs, 1, Number.MAX_VALUE),
    maxLabels: wholeNumber('maxLabels', maxLabels, 1, 10_000),
    maxMetrics: Math.max(wholeNumber('maxMetrics', maxMetrics, 0, 1_000), names.length),
    metrics: names,
    windowMs: windowMs === undefined ? undefined : numberWithin('windowMs', windowMs, 1, Number.MAX_VALUE),
    onWindow: optionalFunction('onWindow', onWindow),
    onInternalError: optionalFunction('onInternalError', onInternalError),
  })
}
