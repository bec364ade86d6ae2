import { refuseUnknown } from '../foundation/options.js'
import type { ByVariant, Versions } from '../foundation/vocabulary.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import type { Clock } from '../runtime/clock.js'
import { type MetricsWindow, resolveWindow } from '../summaries/metrics-window.js'
import type { Summary } from '../summaries/summary.js'
import { type VersionMetrics, versionMetricsOf } from '../summaries/version-metrics.js'
import type { Canary } from './canary.js'

/** The options of {@link createCanaryCounts}. */
export interface CanaryCountsOptions<Version extends string> {
  readonly versions: Versions<Version>
  readonly recorder: Pick<Recorder, 'read'>
  readonly clock: Clock
}

/** Creates the members of a canary that return counts. */
export function createCanaryCounts<Version extends string>({
  versions,
  recorder,
  clock,
}: CanaryCountsOptions<Version>): Pick<Canary<Version>, 'metrics' | 'counts'> {
  const read = (verb: string, options: { readonly window?: MetricsWindow }): ByVariant<Summary> => {
    refuseUnknown(verb, options, { window: 1 })
    const { window = 'rollout' } = options
    return recorder.read(resolveWindow(verb, window), clock.elapsed())
  }
  return {
    metrics(options = {}) {
      const { baseline, canary } = read('metrics', options)
      const metrics = Object.create(null) as Record<Version, VersionMetrics>
      metrics[versions.baseline] = versionMetricsOf(baseline)
      metrics[versions.canary] = versionMetricsOf(canary)
      return metrics
    },
    counts: (options = {}) => read('counts', options),
  }
}
