import { type ByVariant, CanaryError, type Clock, systemClock } from '@model-canary/core'
import { duration, numberWithin, refuseUnknown, show, wholeNumber } from '@model-canary/foundation'
import { checkObject } from '../exporter/checks.js'
import type { ArmQueries } from './arm-queries.js'
import { checkArmQueries } from './check-queries.js'
import { planOf } from './plan.js'
import type { QueryHeaders } from './query-api.js'

/** Where counts come from, and when they are too old to be used. */
export interface PrometheusSourceOptions {
  /** Such as `http://prometheus:9090`; a path before `/api/v1` belongs to it. Without credentials: they go into `headers`. */
  readonly url: string
  readonly queries: ByVariant<ArmQueries>
  /** Sent with every query; a function is asked before every read, for tokens that expire. */
  readonly headers?: QueryHeaders | (() => Promise<QueryHeaders>)
  /**
   * The age from which the newest sample of an arm is `QUERY_STALE`, in milliseconds.
   * @default 120_000, or 2.5 scrape intervals where that is more
   */
  readonly maxAgeMs?: number
  /** The most series that one query may match. @default 5_000 */
  readonly maxSeries?: number
  /** The most samples that one answer may have. A long window is read in shorter pieces first. @default 250_000 */
  readonly maxSamples?: number
  /** How long one query may take, in milliseconds. @default 10_000 */
  readonly timeoutMs?: number
  /** How long after a weight came into force requests of the one before may still come in, in milliseconds. @default 0 */
  readonly settleMs?: number
  readonly clock?: Clock
}

/** The options with everything in its place. */
export type ResolvedSource = Readonly<Required<Omit<PrometheusSourceOptions, 'headers'>>> & {
  readonly headers: () => Promise<QueryHeaders>
  /** Whether rarer scrapes may be older. */
  readonly isAgeOfScrapes: boolean
}

/** Past this line every field is present and valid. */
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
    maxAgeMs = 120_000,
    maxSeries = 5_000,
    maxSamples = 250_000,
    timeoutMs = 10_000,
    settleMs = 0,
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

/** A canary that is compared with itself is as good as the baseline, whatever it does. */
function refuseSame({ baseline, canary }: ByVariant<ArmQueries>): void {
  const texts = new Map(planOf(baseline).map(({ name, text }) => [name, text]))
  const same = planOf(canary).find(({ name, text }) => texts.get(name) === text)
  if (same === undefined) return
  throw new CanaryError('INVALID_OPTION', `queries: ${same.name} of both arms is ${show(same.text)}; tell them apart`)
}

function baseUrl(text: unknown): string {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new CanaryError('INVALID_OPTION', `url must be such as "http://prometheus:9090", got ${show(text)}`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new CanaryError('INVALID_OPTION', 'url has credentials in it, which end up in logs; send them in `headers`')
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
    throw new CanaryError('QUERY_FAILED', 'the function for `headers` gave none; see its error in `cause`', { cause })
  }
}

function checkHeaders(headers: unknown): void {
  checkObject('headers', headers)
  try {
    new Headers(headers as QueryHeaders)
  } catch {
    throw new CanaryError('INVALID_OPTION', 'headers must be names and values of HTTP headers') // a value is a secret: not shown
  }
}
