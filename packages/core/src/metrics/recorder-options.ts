import { CanaryError } from '../errors.js'
import { numberWithin, optionalFunction, refuseUnknown, safeName, show, wholeNumber } from '../options.js'

/** How much a recorder keeps. The defaults hold a version in 64 KiB. */
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
  /** Told of every observation, or part of one, that could not be counted. */
  readonly onInternalError?: ((error: CanaryError) => void) | undefined
}

/** Recorder options in which every field is present and valid. */
export type ResolvedRecorderOptions = Readonly<Required<RecorderOptions>>

const KNOWN = ['slices', 'sliceMs', 'maxLabels', 'maxMetrics', 'metrics', 'onInternalError']

/** Fills in and checks the options of a recorder. */
export function resolveRecorderOptions(options: RecorderOptions = {}): ResolvedRecorderOptions {
  refuseUnknown('createRecorder', options, KNOWN)
  const { slices = 6, sliceMs = 10_000, maxLabels = 50, maxMetrics = 16, metrics = [], onInternalError } = options
  if (!Array.isArray(metrics)) {
    throw new CanaryError('INVALID_OPTION', `metrics must be an array of names, got ${show(metrics)}`)
  }
  const names = [...new Set(metrics.map((name) => safeName('a name of metrics', name)))]
  return Object.freeze({
    slices: wholeNumber('slices', slices, 1, 1_000),
    sliceMs: numberWithin('sliceMs', sliceMs, 1, Number.MAX_VALUE),
    maxLabels: wholeNumber('maxLabels', maxLabels, 1, 10_000),
    maxMetrics: Math.max(wholeNumber('maxMetrics', maxMetrics, 0, 1_000), names.length),
    metrics: names,
    onInternalError: optionalFunction('onInternalError', onInternalError),
  })
}
