import { CanaryError, type Clock, systemClock } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import { type Defaults, duration, numberWithin, refuseUnknown, show, wholeNumber } from '@model-canary/foundation'
import { checkObject } from '../exporter/checks.js'
import type { ArmQueries } from './arm-queries.js'
import { checkArmQueries } from './check-queries.js'
import { planOf } from './plan.js'
import type { QueryHeaders } from './query-api.js'

/** The options of {@link prometheusSource}. */
export interface PrometheusSourceOptions {
  /** The URL, such as `http://prometheus:9090`, with any path before `/api/v1`. Credentials belong in `headers`. */
  readonly url: string
  /** The queries for the counts of each arm. */
  readonly queries: ByVariant<ArmQueries>
  /** Headers of every query. A function is called before every read, for tokens that expire. */
  readonly headers?: QueryHeaders | (() => Promise<QueryHeaders>)
  /**
   * The age of an arm's newest sample from which `read` rejects with `QUERY_STALE`, in milliseconds.
   * @default 120_000, or 2.5 scrape intervals if that is more
   */
  readonly maxAgeMs?: number
  /** The most series that one query may match. @default 5_000 */
  readonly maxSeries?: number
  /** The most samples in one response. A range with more is read in shorter pieces. @default 250_000 */
  readonly maxSamples?: number
  /** The time limit of one query, in milliseconds. @default 10_000 */
  readonly timeoutMs?: number
  /** How long after a change requests of the previous weight may still arrive, in milliseconds. @default 0 */
  readonly settleMs?: number
  /** The clock that the times of samples are compared with. @default systemClock */
  readonly clock?: Clock
}

/** What an option is if it is not given. */
const PROMETHEUS_SOURCE_DEFAULTS = {
  maxAgeMs: 120_000,
  maxSeries: 5_000,
  maxSamples: 250_000,
  timeoutMs: 10_000,
  settleMs: 0,
} as const satisfies Defaults<PrometheusSourceOptions>

/** The options with all defaults applied. */
export type ResolvedSource = Readonly<Required<Omit<PrometheusSourceOptions, 'headers'>>> & {
  readonly headers: () => Promise<QueryHeaders>
  /** Whether longer scrape intervals raise `maxAgeMs`. */
  readonly isAgeOfScrapes: boolean
}

/** Checks the options and applies the defaults. @throws `UNKNOWN_OPTION`, `INVALID_OPTION` */
export function resolveSource(options: PrometheusSourceOptions): ResolvedSource {
  refuseUnknown('prometheusSource', options, {
    url: 1,
    queries: 1,
    headers: 1,
    maxAgeMs: 1,
    maxSeries: 1,
    maxSamples: 1,
    timeoutMs: 1,
    settleMs: 1,
    clock: 1,
  })
  const {
    queries,
    maxAgeMs = PROMETHEUS_SOURCE_DEFAULTS.maxAgeMs,
    maxSeries = PROMETHEUS_SOURCE_DEFAULTS.maxSeries,
    maxSamples = PROMETHEUS_SOURCE_DEFAULTS.maxSamples,
    timeoutMs = PROMETHEUS_SOURCE_DEFAULTS.timeoutMs,
    settleMs = PROMETHEUS_SOURCE_DEFAULTS.settleMs,
    clock = systemClock,
  } = options
  refuseUnknown('queries', queries, { baseline: 1, canary: 1 })
  checkArmQueries('queries.baseline', queries.baseline)
  checkArmQueries('queries.canary', queries.canary)
  refuseSame(queries)
  return Object.freeze({
    url: baseUrl(options.url),
    queries,
    headers: headersOf(options.headers),
    isAgeOfScrapes: options.maxAgeMs === undefined,
    maxAgeMs: numberWithin('maxAgeMs', maxAgeMs, 1, Number.MAX_VALUE),
    maxSeries: wholeNumber('maxSeries', maxSeries, 1),
    maxSamples: wholeNumber('maxSamples', maxSamples, 1),
    timeoutMs: numberWithin('timeoutMs', timeoutMs, 1, Number.MAX_VALUE),
    settleMs: duration('settleMs', settleMs),
    clock,
  })
}

/** Throws if both arms have the same query: the canary would be compared with itself and always pass. */
function refuseSame({ baseline, canary }: ByVariant<ArmQueries>): void {
  const texts = new Map(planOf(baseline).map(({ name, text }) => [name, text]))
  const same = planOf(canary).find(({ name, text }) => texts.get(name) === text)
  if (same === undefined) return
  throw new CanaryError(
    'INVALID_OPTION',
    `queries: ${same.name} of both arms is ${show(same.text)}; use a different query for each arm`,
  )
}

function baseUrl(text: unknown): string {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new CanaryError(
      'INVALID_OPTION',
      `url must be an http: or https: URL such as "http://prometheus:9090", got ${show(text)}`,
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw new CanaryError(
      'INVALID_OPTION',
      'url contains credentials, which would appear in logs; pass them in `headers`',
    )
  }
  if (url.search !== '' || url.hash !== '') {
    throw new CanaryError('INVALID_OPTION', 'url must end with a host or a path; it has a query or a fragment')
  }
  return url.origin + url.pathname.replace(/(?<!\/)\/+$/, '')
}

function headersOf(headers: PrometheusSourceOptions['headers']): () => Promise<QueryHeaders> {
  if (typeof headers === 'function') return () => fetched(headers)
  checkHeaders(headers ?? {})
  const copy = { ...headers }
  return async () => copy
}

async function fetched(headers: () => Promise<QueryHeaders>): Promise<QueryHeaders> {
  try {
    const got = await headers()
    checkHeaders(got)
    return got
  } catch (cause) {
    throw new CanaryError('QUERY_FAILED', 'the `headers` function failed or returned invalid headers; see the cause', {
      cause,
    })
  }
}

function checkHeaders(headers: unknown): void {
  checkObject('headers', headers)
  try {
    new Headers(headers as QueryHeaders)
  } catch {
    throw new CanaryError('INVALID_OPTION', 'headers must be names and values of HTTP headers') // not shown: they are secrets
  }
}
