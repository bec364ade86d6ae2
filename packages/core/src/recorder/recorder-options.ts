import { CanaryError } from '../foundation/errors.js'
import { numberWithin, optionalFunction, refuseUnknown, safeName, show, wholeNumber } from '../foundation/options.js'
import type { Summary } from '../summaries/summary.js'

/** How much a recorder keeps. The defaults hold a version in 68 KiB, and in 72 KiB with windows of the baseline. */
export interface RecorderOptions {
  /** How many slices the sliding window has. @default 6 */
  readonly slices?: number
  /** How long a slice is, in milliseconds. @default 10_000 */
  readonly sliceMs?: number
  /** How many predicted classes are told apart; the rest is counted as "other". @default 50 */
  readonly maxLabels?: number
  /** How many business metrics are kept. @default 16 */
  readonly maxMetrics?: number
  /** Business metrics that always have a place, beyond `maxMetrics` if need be. @default [] */
  readonly metrics?: readonly string[]
  /** How long a window of the baseline is, in milliseconds, for {@link RecorderOptions.onWindow}; at least 1. */
  readonly windowMs?: number | undefined
  /**
   * Told what the baseline did in each window that is over, in whatever state the rollout is.
   * The first observation beyond a window ends it, so that an idle time has no windows.
   */
  readonly onWindow?: ((baseline: Summary) => void) | undefined
  /** Told of every observation, or part of one, that could not be counted. */
  readonly onInternalError?: ((error: CanaryError) => void) | undefined
}

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
  const { slices = 6, sliceMs = 10_000, maxLabels = 50, maxMetrics = 16, metrics = [] } = options
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
