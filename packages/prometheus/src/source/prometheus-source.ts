import { CanaryError } from '@model-canary/core'
import type { ByVariant, MetricsSource } from '@model-canary/core/controller'
import { type Counts, subtractSummaries } from '@model-canary/core/judge'
import { strandsOf } from './answered-query.js'
import { nothingRead } from './arm-progress.js'
import type { Births } from './births.js'
import { AnswerTooLarge } from './bounded-text.js'
import { ARMS, type Counted, countOn, scrapeIntervalOf } from './count-rounds.js'
import { notesOf } from './notes.js'
import { planOf } from './plan.js'
import { queryApi } from './query-api.js'
import { type ReadArmOptions, readArm } from './read-arm.js'
import { readBirths } from './read-births.js'
import { refuseOverlap } from './refuse-overlap.js'
import { type PrometheusSourceOptions, type ResolvedSource, resolveSource } from './source-options.js'
import { summaryOf } from './summary.js'
import { supportedBy } from './supports.js'

/** A metrics source that reads from Prometheus. */
export interface PrometheusSource extends Required<Pick<MetricsSource, 'supports' | 'survivesRestart' | 'notes'>> {
  /** Reads the counts of both arms since the weight came into force. */
  readonly read: MetricsSource['read']
}

/** How far back to look for series from before the window, in milliseconds; the same as Prometheus' own lookback. */
const LOOKBACK_MS = 300_000

/** How long a scrape may take until its samples can be read, in milliseconds. They have the time of its start. */
const INGESTION_MS = 1_000

/** The longest range of one read, in milliseconds, so that days of samples do not come in one response. */
const CHUNK_MS = 3_600_000

/** The shortest range of one read, in milliseconds. If it still has too many samples, the read fails. */
const SHORTEST_CHUNK_MS = 60_000

/** The state of reading one window. */
interface Progress extends Counted {
  readonly window: string
  readonly readTo: number
  readonly chunkMs: number
  readonly births: ByVariant<Births>
  readonly counts: Counts | null
}

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
  let latest: Progress | undefined
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
      let reached = latest?.window === window ? latest : beginning(window)
      const reading = { ask, headers: await resolved.headers(), maxSeries: resolved.maxSeries, signal }
      while (reached.readTo < readTo) {
        reached = await readChunk(reached, reading, zeroAt, readTo)
        latest = reached // an aborted read continues from here
      }
      const counts = countsOf(reached, resolved)
      latest = { ...reached, counts }
      return counts ?? 'no-data'
    },
    notes: () =>
      latest && looks ? notesOf({ progress: latest, plans, zeroAt: looks.zeroAt, lookMs: looks.lookMs }) : [],
  }

  /** Reads the next range, and a shorter one if there are too many samples for one response. */
  async function readChunk(
    before: Progress,
    reading: ReadArmOptions,
    zeroAt: number,
    readTo: number,
  ): Promise<Progress> {
    try {
      return await readOn(before, reading, zeroAt, readTo)
    } catch (error) {
      const chunkMs = Math.min(before.chunkMs, readTo - Math.max(before.readTo, zeroAt)) / 2
      if (!((error as Error).cause instanceof AnswerTooLarge) || chunkMs < SHORTEST_CHUNK_MS) throw error
      return readChunk({ ...before, chunkMs }, reading, zeroAt, readTo)
    }
  }

  async function readOn(before: Progress, reading: ReadArmOptions, zeroAt: number, readTo: number): Promise<Progress> {
    const isFirst = before.readTo === Number.NEGATIVE_INFINITY
    const beginsAt = isFirst ? zeroAt : before.readTo
    const lateAt = beginsAt - (isFirst ? LOOKBACK_MS : resolved.maxAgeMs) // read again, to get late samples
    const range = {
      fromAt: Math.min(lateAt, before.moment ?? lateAt),
      toAt: Math.min(readTo, beginsAt + before.chunkMs),
    }
    const answers = {
      baseline: await readArm(plans.baseline, range, reading),
      canary: await readArm(plans.canary, range, reading),
    }
    const strands = { baseline: strandsOf(answers.baseline), canary: strandsOf(answers.canary) }
    const birthsOf = (arm: (typeof ARMS)[number]) => {
      const { startTimes } = queries[arm]
      const known = before.births[arm]
      return readBirths(
        { arm: before[arm], answers: answers[arm], plan: plans[arm], startTimes, zeroAt, known },
        range,
        reading,
      )
    }
    const births = { baseline: await birthsOf('baseline'), canary: await birthsOf('canary') }
    const settledAt = range.toAt - resolved.maxAgeMs
    const counted = countOn(before, { strands, births, zeroAt, settledAt })
    return { ...before, ...counted, births, readTo: range.toAt }
  }
}

function beginning(window: string): Progress {
  return {
    window,
    readTo: Number.NEGATIVE_INFINITY,
    chunkMs: CHUNK_MS,
    births: { baseline: new Map(), canary: new Map() },
    baseline: nothingRead(),
    canary: nothingRead(),
    moment: null,
    lost: null,
    lostCount: 0,
    counts: null,
  }
}

/** Returns the counts of both arms, or `null` before counting starts. */
function countsOf(progress: Progress, { queries, maxAgeMs, isAgeOfScrapes, clock }: ResolvedSource): Counts | null {
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
    baseline: summaryOf(queries.baseline, progress.baseline.folds),
    canary: summaryOf(queries.canary, progress.canary.folds),
  }
  for (const arm of ARMS) refuseFall(arm, progress.counts, counts)
  return counts
}

/** Returns the interval between counts, in milliseconds: the longest of scrapes and expressions; 0 if not known. */
function distanceOf(progress: Progress, queries: ResolvedSource['queries']): number {
  const ofArms = ARMS.flatMap((arm) => [
    scrapeIntervalOf(progress[arm]) ?? 0,
    ...planOf(queries[arm]).map(({ resolutionMs }) => resolutionMs ?? 0),
  ])
  return Math.max(...ofArms)
}

/** Rejects counts that fell: the judge would treat them as restarted, and count them twice. */
function refuseFall(arm: (typeof ARMS)[number], before: Counts | null, now: Counts): void {
  if (before === null || subtractSummaries(now[arm], before[arm]) !== undefined) return
  throw new CanaryError(
    'QUERY_NOT_A_COUNT',
    `the counts of ${arm} fell since the last read; its queries must select counters of the same requests`,
  )
}
