import { CanaryError } from '@model-canary/core'
import type { MetricsSource } from '@model-canary/core/controller'
import { type Counts, subtractSummaries } from '@model-canary/core/judge'
import { ARMS, scrapeIntervalOf } from './count-rounds.js'
import { notesOf } from './notes.js'
import { planOf } from './plan.js'
import { queryApi } from './query-api.js'
import { readNext } from './read-window.js'
import { refuseOverlap } from './refuse-overlap.js'
import { type PrometheusSourceOptions, type ResolvedSource, resolveSource } from './source-options.js'
import { summaryOf } from './summary.js'
import { supportedBy } from './supports.js'
import { beginning, type WindowProgress } from './window-progress.js'

/** A metrics source that reads from Prometheus. */
export interface PrometheusSource extends Required<Pick<MetricsSource, 'supports' | 'survivesRestart' | 'notes'>> {
  /** Reads the counts of both arms since the weight came into force. */
  readonly read: MetricsSource['read']
}

/** How long a scrape may take until its samples can be read, in milliseconds. They have the time of its start. */
const INGESTION_MS = 1_000

/**
 * Creates a metrics source that counts two versions from the counters that Prometheus has scraped.
 *
 * It adds up raw samples, per series and across resets, without `rate` and without extrapolation. Both arms are counted
 * up to the same moment: when all their targets have been scraped again. So it takes up to one scrape interval until
 * counting starts, and one more until there are counts. Each read fetches only new samples. A process that starts later
 * reads the whole window and gets the same counts, as long as Prometheus keeps the window's samples.
 *
 * A period that cannot be counted is excluded from both arms and reported in `notes()`. This is one in which a counter
 * falls without a restart, in which it rises by more than 20 times its arm's traffic, or in which at least a quarter of
 * an arm's series appear and their start is not known.
 *
 * The times of Prometheus' samples are compared with the clock of this process, with one second allowed for a scrape to
 * end. If the two clocks differ by more, raise `settleMs` by the difference.
 *
 * `read` rejects with `PROMETHEUS_UNREACHABLE`, `QUERY_FAILED`, `QUERY_AMBIGUOUS`, `QUERY_NOT_A_COUNT` or
 * `QUERY_STALE`; the rollout then holds. It resolves to `'no-data'` while an arm has no sample in the window.
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
  let latest: WindowProgress | undefined
  let looks: { readonly at: number; readonly lookMs: number | null; readonly zeroAt: number } | undefined

  return {
    supports: supportedBy(queries),
    survivesRestart: true,
    async read({ epoch, step, openedAt }, signal) {
      const zeroAt = openedAt + settleMs
      const readTo = clock.now() - INGESTION_MS
      if (readTo < zeroAt) return 'no-data'
      const at = clock.elapsed()
      looks = { at, lookMs: looks === undefined ? null : at - looks.at, zeroAt }
      const window = `${epoch}/${step}/${openedAt}`
      let reached = latest?.window === window ? afterJump(latest, readTo) : beginning(window)
      const { maxSeries } = resolved
      const headers = await resolved.headers()
      const reading = { source: resolved, plans, zeroAt, readTo, ask, headers, maxSeries, signal }
      while (reached.readTo < readTo) {
        reached = await readNext(reached, reading)
        latest = reached // an aborted read continues from here
      }
      const counts = countsOf(reached, resolved)
      latest = { ...reached, counts }
      return counts ?? 'no-data'
    },
    notes: () =>
      latest && looks ? notesOf({ progress: latest, plans, zeroAt: looks.zeroAt, lookMs: looks.lookMs }) : [],
  }
}

/**
 * Returns what was read of a window, also if the clock was set back since. If it was ahead when it was read to the end,
 * the window is read again: what was scraped since would be left out until that time.
 *
 * @throws `QUERY_STALE` if the clock is behind what was counted
 */
function afterJump(progress: WindowProgress, readTo: number): WindowProgress {
  if (progress.readTo - readTo <= INGESTION_MS) return progress
  const { moment, window, counts } = progress
  if (moment === null || moment - readTo <= INGESTION_MS) return { ...beginning(window), counts }
  const behind = `${Math.round((moment - readTo) / 1_000)} s behind the samples that were counted`
  throw new CanaryError('QUERY_STALE', `the clock of this process is ${behind}; check that the clocks agree`)
}

/** Returns the counts of both arms, or `null` before counting starts. */
function countsOf(
  progress: WindowProgress,
  { queries, maxAgeMs, isAgeOfScrapes, clock }: ResolvedSource,
): Counts | null {
  for (const arm of ARMS) {
    const ageMs = clock.now() - progress[arm].newestAt
    const everyMs = isAgeOfScrapes ? (scrapeIntervalOf(progress[arm]) ?? 0) : 0
    if (!(ageMs > Math.max(maxAgeMs, 2.5 * everyMs)) || ageMs === Number.POSITIVE_INFINITY) continue
    throw new CanaryError(
      'QUERY_STALE',
      `the newest sample of ${arm} requests is ${Math.round(ageMs / 1_000)} s old; check that it is still scraped and that the clocks agree`,
    )
  }
  if (progress.moment === null) return null
  refuseOverlap(progress)
  const everyMs = distanceOf(progress, queries)
  const counts = {
    ...(everyMs > 0 && { everyMs }),
    isShared: true, // sums over all targets
    baseline: summaryOf(queries.baseline, progress.baseline.folds),
    canary: summaryOf(queries.canary, progress.canary.folds),
  }
  for (const arm of ARMS) refuseFall(arm, progress.counts, counts)
  return counts
}

/** Returns the interval between counts, in milliseconds: the longest of scrapes and expressions; 0 if not known. */
function distanceOf(progress: WindowProgress, queries: ResolvedSource['queries']): number {
  const ofArms = ARMS.flatMap((arm) => [
    scrapeIntervalOf(progress[arm]) ?? 0,
    ...planOf(queries[arm]).map(({ resolutionMs }) => resolutionMs ?? 0),
  ])
  return Math.max(...ofArms)
}

/** Rejects counts that fell, because the judge would not count what came since. A later process cannot know of a fall. */
function refuseFall(arm: (typeof ARMS)[number], before: Counts | null, now: Counts): void {
  if (before === null || subtractSummaries(now[arm], before[arm]) !== undefined) return
  throw new CanaryError(
    'QUERY_NOT_A_COUNT',
    `the counts of ${arm} fell since the last read; its queries must select counters of the same requests`,
  )
}
