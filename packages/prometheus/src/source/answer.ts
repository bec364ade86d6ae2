import { CanaryError } from '@model-canary/core'
import type { Sample, Series } from './series.js'

/** The longest quote of a server's text, in UTF-16 units. */
const LONGEST_MESSAGE = 300

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
const UNSPEAKABLE = /[\u0000-\u001f\u007f]+/g

/**
 * Returns the series in a response of Prometheus' query API.
 *
 * @throws `QUERY_FAILED` for an error, a warning, or a response that cannot be read
 * @throws `QUERY_NOT_A_COUNT` if a series has no float samples, or a sample is not a finite number
 */
export function seriesOf(status: number, body: string): readonly Series[] {
  const answer = parsed(body)
  if (answer?.status === 'error') {
    throw new CanaryError(
      'QUERY_FAILED',
      `Prometheus answered ${status}, ${shown(answer.errorType)}: ${shown(answer.error)}`,
    )
  }
  if (status !== 200 || answer?.status !== 'success') {
    throw new CanaryError('QUERY_FAILED', `answered ${status} without a result${hintFor(status)}: ${shown(body)}`)
  }
  if (Array.isArray(answer.warnings) && answer.warnings.length > 0) {
    throw new CanaryError('QUERY_FAILED', `the result may be incomplete: ${shown(answer.warnings[0])}`)
  }
  const { resultType, result } = (answer.data ?? {}) as Record<string, unknown>
  if (resultType !== 'matrix' || !Array.isArray(result)) {
    throw new CanaryError(
      'QUERY_FAILED',
      `the result is ${shown(resultType)}, not a matrix; check that url is the query API of Prometheus`,
    )
  }
  return result.map(readSeries)
}

/** Returns an external text as one bounded line, for use in a message. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : String(JSON.stringify(value))
  const line = text.slice(0, LONGEST_MESSAGE).toWellFormed().replace(UNSPEAKABLE, ' ').trim()
  return text.length > LONGEST_MESSAGE ? `${line}…` : line || 'nothing'
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function hintFor(status: number): string {
  if (status === 401 || status === 403) return '; pass the credentials in `headers`'
  if (status >= 300 && status < 400) return '; set `url` to the address that it redirects to'
  return status === 404 ? '; `url` must be the part before /api/v1/query' : ''
}

function readSeries(value: unknown): Series {
  const { metric, values } = (value ?? {}) as Record<string, unknown>
  if (typeof metric !== 'object' || metric === null) throw unreadable('a series without labels')
  if (!Array.isArray(values)) {
    throw new CanaryError('QUERY_NOT_A_COUNT', 'a series has no float samples; select classic counters and buckets')
  }
  const labels = Object.entries(metric)
    .map(([name, text]) => [name, String(text)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return { labels, samples: values.map(readSample) }
}

function readSample(pair: unknown): Sample {
  const [seconds, text] = Array.isArray(pair) ? (pair as unknown[]) : []
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || typeof text !== 'string') throw unreadable('a sample')
  const value = text === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(value))
    throw new CanaryError('QUERY_NOT_A_COUNT', `a sample is ${shown(text)}; counts must be finite numbers`)
  return [Math.round(seconds * 1_000), value]
}

function unreadable(what: string): CanaryError {
  return new CanaryError(
    'QUERY_FAILED',
    `the result has ${what} that cannot be read; check that url is the query API of Prometheus`,
  )
}
