import type { VersionMetrics } from '@model-canary/core'
import type { Report } from '../watch.js'
import { count, milliseconds, percent } from './figures.js'

const TITLES = 26
const COLUMN = 26

/** Renders the counts of both versions side by side. */
export function versionsTable({ metrics }: Pick<Report, 'metrics'>): string[] {
  const row = (title: string, show: (version: VersionMetrics) => string): string =>
    title.padEnd(TITLES) +
    ['v1', 'v2']
      .map((version) => metrics[version])
      .map((version) => (version === undefined ? '–' : show(version)).padStart(COLUMN))
      .join('')
  return [
    `${''.padEnd(TITLES)}${'v1 AFINN-165'.padStart(COLUMN)}${'v2 wink-nlp'.padStart(COLUMN)}`,
    row('requests', ({ requestCount }) => count(requestCount)),
    row('error rate', ({ errorRate }) => percent(errorRate)),
    row('mean / p95 / p99 ms', ({ avgLatencyMs, p95LatencyMs, p99LatencyMs }) =>
      [avgLatencyMs, p95LatencyMs, p99LatencyMs].map(milliseconds).join(' / '),
    ),
    row('positive / negative', ({ predictionDistribution: { positive, negative } }) =>
      positive === undefined && negative === undefined ? '–' : `${percent(positive ?? 0)} / ${percent(negative ?? 0)}`,
    ),
    row('accuracy by the labels', (version) => percent(version.metrics.accuracy?.mean)),
  ]
}
