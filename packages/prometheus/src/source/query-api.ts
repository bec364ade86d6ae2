import { CanaryError, type Clock } from '@model-canary/core'
import { withDeadline } from '@model-canary/foundation'
import { seriesOf, shown } from './answer.js'
import { boundedText } from './bounded-text.js'
import type { Series } from './series.js'

/** Names and values of HTTP headers. */
export type QueryHeaders = Readonly<Record<string, string>>

/** Where queries go. */
export interface QueryApiOptions {
  /** What comes before `/api/v1/query`, without a slash at its end. */
  readonly url: string
  readonly timeoutMs: number
  /** The most samples that one answer may have. */
  readonly maxSamples: number
  readonly clock: Clock
}

/** A query of a range that ends at `atMs`; resolves to the series it matches. */
export type AskPrometheus = (
  text: string,
  atMs: number,
  headers: QueryHeaders,
  signal: AbortSignal,
) => Promise<readonly Series[]>

/** The longest answer that is read: to parse it must not stop the process that asked. */
const MOST_BYTES = 16 * 1024 * 1024

/**
 * The query API of one Prometheus.
 *
 * Rejects with `PROMETHEUS_UNREACHABLE` where there is no answer in time, or none any more once the signal is
 * aborted; with `QUERY_FAILED` or `QUERY_NOT_A_COUNT` where the answer is of no use.
 */
export function queryApi({ url, timeoutMs, maxSamples, clock }: QueryApiOptions): AskPrometheus {
  return async (text, atMs, headers, signal) => {
    const ask = async (deadline: AbortSignal): Promise<readonly Series[]> => {
      const response = await fetch(`${url}/api/v1/query`, {
        method: 'POST',
        body: new URLSearchParams({ query: text, time: String(atMs / 1_000), partial_response: 'false' }),
        headers,
        redirect: 'manual', // headers with credentials go to nobody else
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

/** What fetch says is "fetch failed"; why is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  return `${error.message}, ${cause.message || (cause as NodeJS.ErrnoException).code}`
}
