import { CanaryError } from '../foundation/errors.js'
import { refuseUnknown, show } from '../foundation/options.js'
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
  readonly recorder: Pick<Recorder, 'read' | 'metrics'>
  readonly clock: Clock
  /** Returns the counts of all processes in the present step. */
  readonly fleetCounts: () => Promise<ByVariant<Summary>>
}

/** The options for the metrics of all processes, and of this one. */
type FleetOptions = { readonly scope: 'fleet'; readonly window?: 'step' }
type ProcessOptions = { readonly scope?: 'process'; readonly window?: MetricsWindow }

/** Creates the members of a canary that return counts. */
export function createCanaryCounts<Version extends string>({
  versions,
  recorder,
  clock,
  fleetCounts,
}: CanaryCountsOptions<Version>): Pick<Canary<Version>, 'metrics' | 'counts'> {
  type Metrics = Readonly<Record<Version, VersionMetrics>>

  const byVersion = ({ baseline, canary }: ByVariant<VersionMetrics>): Metrics => {
    const metrics = Object.create(null) as Record<Version, VersionMetrics>
    metrics[versions.baseline] = baseline
    metrics[versions.canary] = canary
    return metrics
  }

  function metrics(options: FleetOptions): Promise<Metrics>
  function metrics(options?: ProcessOptions): Metrics
  function metrics(options: FleetOptions | ProcessOptions = {}): Metrics | Promise<Metrics> {
    refuseUnknown('metrics', options, { scope: 1, window: 1 })
    const { scope = 'process', window } = options
    if (scope === 'process') return byVersion(recorder.metrics(windowOf('metrics', window), clock.elapsed()))
    refuseOtherFleet(scope, window)
    return fleetCounts().then(({ baseline, canary }) =>
      byVersion({ baseline: versionMetricsOf(baseline), canary: versionMetricsOf(canary) }),
    )
  }

  return {
    metrics,
    counts(options = {}) {
      refuseUnknown('counts', options, { window: 1 })
      return recorder.read(windowOf('counts', options.window), clock.elapsed())
    },
  }
}

const windowOf = (verb: string, window: MetricsWindow = 'rollout'): MetricsWindow => resolveWindow(verb, window)

/** Throws unless the metrics of the fleet in the present step are asked for. */
function refuseOtherFleet(scope: unknown, window: unknown = 'step'): void {
  if (scope !== 'fleet') {
    throw new CanaryError('INVALID_OPTION', `metrics: scope must be 'process' or 'fleet', got ${show(scope)}`)
  }
  if (window === 'step') return
  throw new CanaryError('INVALID_OPTION', `metrics: with scope 'fleet', window must be 'step', got ${show(window)}`)
}
