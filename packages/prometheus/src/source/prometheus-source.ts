import { type ByVariant, CanaryError, type Counts, type MetricsSource, subtractSummaries } from '@model-canary/core'
import { type ArmProgress, newestOf, nothingRead } from './arm-progress.js'
import { planOf } from './plan.js'
import { queryApi } from './query-api.js'
import { readArm } from './read-arm.js'
import { refuseOverlap } from './refuse-overlap.js'
import { distanceOf } from './scraping.js'
import { type PrometheusSourceOptions, type ResolvedSource, resolveSource } from './source-options.js'
import { summaryOf } from './summary.js'
import { supportedBy } from './supports.js'

/** A source of counts that reads a Prometheus. */
export interface PrometheusSource extends Required<Pick<MetricsSource, 'supports' | 'survivesRestart'>> {
  readonly read: MetricsSource['read']
}

/** How far back a series is looked for that was there before the window: as long as Prometheus itself remembers one. */
const LOOKBACK_MS = 300_000

/** How long a scrape may take until its samples can be read. They bear the time at which it began. */
const INGESTION_MS = 1_000

/** How much is read at a time, so that days of samples do not come in one answer. */
const CHUNK_MS = 3_600_000

const ARMS = ['baseline', 'canary'] as const

/** How far one window has been read. */
interface Progress extends ByVariant<ArmProgress> {
  readonly window: string
  readonly readTo: number
  readonly counts: Counts | null
}

/**
 * Counts what two versions did from the counters that Prometheus has scraped of them.
 *
 * Raw samples are added up, per series and across its resets, from the first one after the weight came into
 * force: no `rate`, no extrapolation. A process that begins later reads the whole window and arrives at the
 * same counts, as long as Prometheus keeps the window's samples. In between only what is new is read.
 *
 * The times are those of Prometheus' samples, compared with the clock of this process, of which one second is
 * allowed for a scrape to end. Where the two clocks differ by more, raise `settleMs` by the difference.
 *
 * `read` rejects with `PROMETHEUS_UNREACHABLE`, `QUERY_FAILED`, `QUERY_AMBIGUOUS`, `QUERY_NOT_A_COUNT` or
 * `QUERY_STALE`; a rollout holds then. It resolves to `'no-data'` while an arm has no sample in the window.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 *
 * @example
 * const source = prometheusSource({
 *   url: 'http://prometheus:9090',
 *   queries: {
 *     baseline: { requests: 'http_requests_total{version="v1"}', errors: 'http_requests_total{version="v1",code=~"5.."}' },
 *     canary: { requests: 'http_requests_total{version="v2"}', errors: 'http_requests_total{version="v2",code=~"5.."}' },
 *   },
 * })
 * source.supports // ['errorRate']
 */
export function prometheusSource(options: PrometheusSourceOptions): PrometheusSource {
  const resolved = resolveSource(options)
  const { queries, clock, settleMs } = resolved
  const plans = { baseline: planOf(queries.baseline), canary: planOf(queries.canary) }
  const ask = queryApi(resolved)
  let latest: Progress | undefined

  return {
    supports: supportedBy(queries),
    survivesRestart: true,
    async read({ epoch, step, openedAt }, signal) {
      const zeroAt = openedAt + settleMs
      const readTo = clock.now() - INGESTION_MS
      if (readTo < zeroAt) return 'no-data'
      const window = `${epoch}/${step}/${openedAt}`
      let reached = latest?.window === window ? latest : beginning(window)
      const reading = { ask, headers: await resolved.headers(), maxSeries: resolved.maxSeries, signal }
      while (reached.readTo < readTo) {
        reached = await readChunk(reached, reading, zeroAt, readTo)
        latest = reached // a read that is broken off is not to begin anew
      }
      const counts = countsOf(reached, resolved, zeroAt)
      latest = { ...reached, counts }
      return counts ?? 'no-data'
    },
  }

  async function readChunk(before: Progress, reading: Parameters<typeof readArm>[3], zeroAt: number, readTo: number) {
    const isFirst = before.readTo === Number.NEGATIVE_INFINITY
    const beginsAt = isFirst ? zeroAt : before.readTo
    const fromAt = beginsAt - (isFirst ? LOOKBACK_MS : resolved.maxAgeMs) // what came late is read again
    const range = { fromAt, toAt: Math.min(readTo, beginsAt + CHUNK_MS), zeroAt }
    const baseline = await readArm(before.baseline, plans.baseline, range, reading)
    const canary = await readArm(before.canary, plans.canary, range, reading)
    return { ...before, baseline, canary, readTo: range.toAt }
  }
}

function beginning(window: string): Progress {
  return { window, readTo: Number.NEGATIVE_INFINITY, baseline: nothingRead, canary: nothingRead, counts: null }
}

/** What both arms counted, or `null` while one of them has no sample in the window. */
function countsOf(progress: Progress, { queries, maxAgeMs, clock }: ResolvedSource, zeroAt: number): Counts | null {
  const newest = ARMS.map((arm) => Math.max(newestOf(progress[arm], 'requests'), newestOf(progress[arm], 'unreached')))
  ARMS.forEach((arm, at) => {
    const ageMs = clock.now() - newest[at]!
    if (!(ageMs > maxAgeMs) || ageMs === Number.POSITIVE_INFINITY) return
    throw new CanaryError(
      'QUERY_STALE',
      `the newest sample of ${arm} requests is ${Math.round(ageMs / 1_000)} s old; see whether it is still scraped, and the clocks agree`,
    )
  })
  if (newest.some((at) => at < zeroAt)) return null
  refuseOverlap(progress)
  const everyMs = distanceOf(progress.canary.scraping, planOf(queries.canary))
  const counts = {
    ...(everyMs > 0 && { everyMs }),
    baseline: summaryOf(queries.baseline, progress.baseline.folds),
    canary: summaryOf(queries.canary, progress.canary.folds),
  }
  for (const arm of ARMS) refuseFall(arm, progress.counts, counts)
  return counts
}

/** Counts that fell would be taken for counts that began anew, and be counted twice. */
function refuseFall(arm: (typeof ARMS)[number], before: Counts | null, now: Counts): void {
  if (before === null || subtractSummaries(now[arm], before[arm]) !== undefined) return
  throw new CanaryError(
    'QUERY_NOT_A_COUNT',
    `the counts of ${arm} fell since the last read; its queries must select counters of the same requests`,
  )
}
