import type { Variant } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import { type Defaults, refuseUnknown } from '@model-canary/foundation'
import { checkObject } from '../exporter/checks.js'
import type { ArmQueries, MomentQueries } from './arm-queries.js'
import { type Matcher, selector } from './selector.js'

/** The options of {@link exporterQueries}. */
export interface ExporterQueriesOptions {
  /** The rollout's name in the exporter. */
  readonly rollout: string
  /** The versions. Set them if processes of an earlier rollout of this name may still be scraped. @default any */
  readonly versions?: ByVariant<string>
  /** The names under which business metrics are recorded. @default [] */
  readonly metrics?: readonly string[]
  /** Whether the models return scores. @default false */
  readonly score?: boolean
  /** More labels that the series must have, such as `{ namespace: 'shop' }`. */
  readonly labels?: Readonly<Record<string, string>>
}

/** What an option is if it is not given. */
const EXPORTER_QUERIES_DEFAULTS = { metrics: [], score: false } as const satisfies Defaults<ExporterQueriesOptions>

/**
 * Returns the queries for the metrics of this package's `prometheusExporter`. All of its counts are exact.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 *
 * @example
 * prometheusSource({ url: 'http://prometheus:9090', queries: exporterQueries({ rollout: 'sentiment' }) })
 */
export function exporterQueries(options: ExporterQueriesOptions): ByVariant<ArmQueries> {
  refuseUnknown('exporterQueries', options, { rollout: 1, versions: 1, metrics: 1, score: 1, labels: 1 })
  const { rollout, versions, labels = {} } = options
  const { metrics = EXPORTER_QUERIES_DEFAULTS.metrics, score = EXPORTER_QUERIES_DEFAULTS.score } = options
  checkObject('exporterQueries: labels', labels)
  if (versions !== undefined) refuseUnknown('exporterQueries: versions', versions, { baseline: 1, canary: 1 })
  const queriesOf = (variant: Variant): ArmQueries => {
    const all: readonly Matcher[] = [
      ['rollout', '=', rollout],
      ['variant', '=', variant],
      ...(versions === undefined ? [] : [['version', '=', versions[variant]] as const]),
      ...Object.entries(labels).map(([label, value]) => [label, '=', value] as const),
    ]
    const series = (name: string, ...more: readonly Matcher[]) => selector(`model_canary_${name}`, [...all, ...more])
    const moments = (name: string, ...more: readonly Matcher[]): MomentQueries => ({
      count: series(`${name}_count`, ...more),
      sum: series(`${name}_sum`, ...more),
      squares: series(`${name}_squares_total`, ...more),
    })
    return {
      requests: series('requests_total', ['outcome', '!~', 'rejected|ignored']),
      errors: series('requests_total', ['outcome', '=', 'error']),
      timeouts: series('requests_total', ['outcome', '=', 'timeout']),
      decided: series('decided_requests_total'),
      unanswered: series('unanswered_requests_total'),
      aborted: series('requests_total', ['outcome', '=', 'aborted']),
      durations: {
        buckets: series('request_duration_seconds_bucket'),
        sum: series('request_duration_seconds_sum'),
        squares: series('request_duration_seconds_squares_total'),
      },
      predictions: { selector: series('predictions_total'), label: 'prediction', other: '(other)' },
      ...(score && { score: moments('score') }),
      ...(metrics.length > 0 && {
        metrics: Object.fromEntries(metrics.map((name) => [name, moments('metric', ['metric', '=', name])])),
      }),
    }
  }
  return { baseline: queriesOf('baseline'), canary: queriesOf('canary') }
}
