import { setMaxListeners } from 'node:events'
import { CanaryError } from '@model-canary/core'
import type { AnsweredQuery } from './answered-query.js'
import type { PlannedQuery } from './plan.js'
import type { AskPrometheus, QueryHeaders } from './query-api.js'

/** The time range to read, in milliseconds by Prometheus' clock. */
export interface ReadRange {
  readonly fromAt: number
  readonly toAt: number
}

/** How to query an arm, and the most series of one query. */
export interface ReadArmOptions {
  readonly ask: AskPrometheus
  readonly headers: QueryHeaders
  readonly maxSeries: number
  readonly signal: AbortSignal
}

/** Sends all queries of an arm for the same range. If one fails, the others are aborted. */
export async function readArm(
  plan: readonly PlannedQuery[],
  range: ReadRange,
  { ask, headers, maxSeries, signal }: ReadArmOptions,
): Promise<readonly AnsweredQuery[]> {
  const together = new AbortController()
  setMaxListeners(0, together.signal) // one listener for each query
  const stop = () => together.abort(signal.reason)
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    return await Promise.all(plan.map(answered))
  } catch (error) {
    together.abort(error)
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }

  async function answered(query: PlannedQuery) {
    const series = await ask(rangeOf(query, range), range.toAt, headers, together.signal).catch((error: unknown) => {
      throw error instanceof CanaryError ? withName(query.name, error) : error
    })
    if (series.length <= maxSeries) return { query, series }
    throw new CanaryError(
      'QUERY_AMBIGUOUS',
      `${query.name} matches ${series.length} series, more than maxSeries (${maxSeries}); narrow it, or raise maxSeries`,
    )
  }
}

/** Returns a range query: the raw samples of a selector, or an expression at regular intervals. */
export function rangeOf(
  { text, resolutionMs }: Pick<PlannedQuery, 'text' | 'resolutionMs'>,
  { fromAt, toAt }: ReadRange,
): string {
  const rangeMs = Math.ceil(toAt - fromAt) + 1 // Prometheus 3 excludes the start of a range
  if (resolutionMs === null) return `${text}[${rangeMs}ms]`
  return `(${text}\n)[${rangeMs}ms:${resolutionMs}ms]` // without the line break, a comment would hide the bracket
}

function withName(name: string, { code, message, cause }: CanaryError): CanaryError {
  return new CanaryError(code, `${name}: ${message.replace(`[${code}] `, '')}`, { cause })
}
