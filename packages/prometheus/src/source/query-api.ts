import { CanaryError, type Clock } from '@model-canary/core'
import { withDeadline } from '@model-canary/foundation'
import { seriesOf, shown } from './answer.js'
import { boundedText } from './bounded-text.js'
import type { Series } from './series.js'

/** Names and values of HTTP headers. */
export type QueryHeaders = Readonly<Record<string, string>>

/** The address and the limits of queries. */
export interface QueryApiOptions {
  /** The part of the URL before `/api/v1/query`, without a trailing slash. */
  readonly url: string
  readonly timeoutMs: number
  /** The most samples that one response may have. */
  readonly maxSamples: number
  readonly clock: Clock
}

/** Sends a range query that ends at `atMs`, and resolves to the matching series. */
export type AskPrometheus = (
  text: string,
  atMs: number,
  headers: QueryHeaders,
  signal: AbortSignal,
) => Promise<readonly Series[]>

/** The largest response that is read, in bytes, so that parsing does not block the process. */
const MOST_BYTES = 16 * 1024 * 1024

/**
 * Returns a function that sends queries to one Prometheus.
 *
 * It rejects with `PROMETHEUS_UNREACHABLE` if there is no response in time or the signal is aborted, and with
 * `QUERY_FAILED` or `QUERY_NOT_A_COUNT` if the response cannot be used.
 */
export function queryApi({ url, timeoutMs, maxSamples, clock }: QueryApiOptions): AskPrometheus {
  return async (text, atMs, headers, signal) => {
    const ask = async (deadline: AbortSignal): Promise<readonly Series[]> => {
      const response = await fetch(`${url}/api/v1/query`, {
        method: 'POST',
        body: new URLSearchParams({ query: text, time: String(atMs / 1_000), partial_response: 'false' }),
        headers,
        redirect: 'manual', // credentials in headers must not be sent to another host
        signal: deadline,
      })
      return seriesOf(response.status, await boundedText(response, { bytes: MOST_BYTES, samples: maxSamples }))
    }
    try {
      return await withDeadline(clock, timeoutMs, ask, signal)
    } catch (error) {
      if (error instanceof CanaryError) throw error
      const reason = signal.aborted ? signal.reason : error
      throw new CanaryError('PROMETHEUS_UNREACHABLE', `no answer from ${url}: ${shown(reasonOf(reason))}`, {
        cause: error,
      })
    }
  }
}

/** Returns the message of an error with its cause, because fetch's own message is only "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  return `${error.message}, ${cause.message || (cause as NodeJS.ErrnoException).code}`
}
