import { CanaryError } from '@model-canary/core'
import type { Sample, Series } from './series.js'

/** The most that is shown of what a server said, in UTF-16 units. */
const LONGEST_MESSAGE = 300

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
const UNSPEAKABLE = /[\u0000-\u001f\u007f]+/g

/**
 * The series in an answer of Prometheus' query API.
 *
 * @throws `QUERY_FAILED` for an error, a warning, or what is no such answer
 * @throws `QUERY_NOT_A_COUNT` for what has no plain samples, and samples that are no numbers
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
    throw new CanaryError('QUERY_FAILED', `answered ${status} and no result${hintFor(status)}: ${shown(body)}`)
  }
  if (Array.isArray(answer.warnings) && answer.warnings.length > 0) {
    throw new CanaryError('QUERY_FAILED', `the result may be a part only: ${shown(answer.warnings[0])}`)
  }
  const { resultType, result } = (answer.data ?? {}) as Record<string, unknown>
  if (resultType !== 'matrix' || !Array.isArray(result)) {
    throw new CanaryError(
      'QUERY_FAILED',
      `the result is no matrix but ${shown(resultType)}; is this the query API of Prometheus?`,
    )
  }
  return result.map(readSeries)
}

/** Text from outside as a message may show it: bounded, on one line. */
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
  if (status === 401 || status === 403) return '; give the credentials in `headers`'
  if (status >= 300 && status < 400) return '; give the address that it redirects to as `url`'
  return status === 404 ? '; `url` is what comes before /api/v1/query' : ''
}

function readSeries(value: unknown): Series {
  const { metric, values } = (value ?? {}) as Record<string, unknown>
  if (typeof metric !== 'object' || metric === null) throw unreadable('a series without labels')
  if (!Array.isArray(values)) {
    throw new CanaryError('QUERY_NOT_A_COUNT', 'a series has no plain samples; select classic counters and buckets')
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
    throw new CanaryError('QUERY_NOT_A_COUNT', `a sample is ${shown(text)}; counts are finite`)
  return [Math.round(seconds * 1_000), value]
}

function unreadable(what: string): CanaryError {
  return new CanaryError(
    'QUERY_FAILED',
    `the result has ${what} that cannot be read; is this the query API of Prometheus?`,
  )
}
