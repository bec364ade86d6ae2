import { type ByVariant, CanaryError, type Clock, systemClock } from '@model-canary/core'
import { show } from '@model-canary/core/node'
import { checkObject } from '../exporter/checks.js'
import type { ArmQueries } from './arm-queries.js'
import { checkArmQueries } from './check-queries.js'
import type { QueryHeaders } from './query-api.js'

/** Where counts come from, and when they are too old to be used. */
export interface PrometheusSourceOptions {
  /** Such as `http://prometheus:9090`; a path before `/api/v1` belongs to it. Without credentials: they go into `headers`. */
  readonly url: string
  readonly queries: ByVariant<ArmQueries>
  /** Sent with every query; a function is asked before every read, for tokens that expire. */
  readonly headers?: QueryHeaders | (() => Promise<QueryHeaders>)
  /** The age from which the newest sample of an arm is `QUERY_STALE`, in milliseconds. @default 120_000 */
  readonly maxAgeMs?: number
  /** The most series that one query may match. @default 1_000 */
  readonly maxSeries?: number
  /** How long one query may take, in milliseconds. @default 10_000 */
  readonly timeoutMs?: number
  /** How long after a weight came into force requests of the one before may still come in, in milliseconds. @default 0 */
  readonly settleMs?: number
  readonly clock?: Clock
}

/** The options with everything in its place. */
export type ResolvedSource = Readonly<Required<Omit<PrometheusSourceOptions, 'headers'>>> & {
  readonly headers: () => Promise<QueryHeaders>
}

const KNOWN = ['url', 'queries', 'headers', 'maxAgeMs', 'maxSeries', 'timeoutMs', 'settleMs', 'clock'] as const

/** Past this line every field is present and valid. */
export function resolveSource(options: PrometheusSourceOptions): ResolvedSource {
  checkObject('prometheusSource', options, KNOWN)
  const {
    queries,
    maxAgeMs = 120_000,
    maxSeries = 1_000,
    timeoutMs = 10_000,
    settleMs = 0,
    clock = systemClock,
  } = options
  checkObject('queries', queries, ['baseline', 'canary'])
  checkArmQueries('queries.baseline', queries.baseline)
  checkArmQueries('queries.canary', queries.canary)
  return Object.freeze({
    url: baseUrl(options.url),
    queries,
    headers: headersOf(options.headers),
    maxAgeMs: atLeast('maxAgeMs', maxAgeMs, 1),
    maxSeries: atLeast('maxSeries', maxSeries, 1),
    timeoutMs: atLeast('timeoutMs', timeoutMs, 1),
    settleMs: atLeast('settleMs', settleMs, 0),
    clock,
  })
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
  return url.origin + url.pathname.replace(/\/+$/, '')
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

function atLeast(name: string, value: unknown, low: number): number {
  if (typeof value === 'number' && value >= low && Number.isFinite(value)) return value
  throw new CanaryError('INVALID_OPTION', `${name} must be a number from ${low} up, got ${show(value)}`)
}
