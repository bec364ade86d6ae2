import { type ExpositionFormat, openMetricsFormat, textFormat } from './exposition.js'

/**
 * Returns the format for an `Accept` header: OpenMetrics if the header names it with at least the quality of text.
 * A client that accepts neither, or sends no header, gets the text format instead of a 406.
 */
export function formatFor(accept: string | undefined): ExpositionFormat {
  const ranges = (accept ?? '').toLowerCase().split(',').map(readRange)
  const openMetrics = best(ranges, ({ type, version }) => type === OPEN_METRICS && isOneOf(version, ['1.0.0']))
  const text = best(ranges, ({ type, version }) =>
    type === 'text/plain' ? isOneOf(version, ['0.0.4']) : type === 'text/*' || type === '*/*',
  )
  return openMetrics > 0 && openMetrics >= text ? openMetricsFormat : textFormat
}

const OPEN_METRICS = 'application/openmetrics-text'

interface MediaRange {
  readonly type: string
  readonly version: string | undefined
  readonly quality: number
}

function readRange(range: string): MediaRange {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
  const parameter = (name: string) =>
    parameters
      .find((text) => text.startsWith(`${name}=`))
      ?.slice(name.length + 1)
      .replaceAll('"', '')
  const quality = Number(parameter('q') ?? 1)
  return { type, version: parameter('version'), quality: quality >= 0 && quality <= 1 ? quality : 0 }
}

function isOneOf(version: string | undefined, known: readonly string[]): boolean {
  return version === undefined || known.includes(version)
}

function best(ranges: readonly MediaRange[], isMeant: (range: MediaRange) => boolean): number {
  return ranges.filter(isMeant).reduce((most, { quality }) => Math.max(most, quality), 0)
}
