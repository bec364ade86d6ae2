import type { Collected, Sample } from './family.js'
import { escapeText, escapeValue } from './labels.js'

/** A format of the metrics. */
export interface ExpositionFormat {
  readonly contentType: string
  readonly write: (collected: readonly Collected[]) => string
}

/** The Prometheus text exposition format 0.0.4. */
export const textFormat: ExpositionFormat = {
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  write: (collected) =>
    collected
      .map(({ family: { name, type, help }, samples }) =>
        block({ name, type: TEXT_TYPES[type], help: escapeText(help) }, name, samples),
      )
      .join(''),
}

/** OpenMetrics 1.0. */
export const openMetricsFormat: ExpositionFormat = {
  contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  write: (collected) => `${collected.map(openMetricsBlock).join('')}# EOF\n`,
}

/** The types in the 0.0.4 format, which has no `info` and allows the sum of a summary to fall. */
const TEXT_TYPES = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  signed: 'summary',
  info: 'gauge',
} as const

function openMetricsBlock({ family, samples }: Collected): string {
  const { name, type, unit } = family
  const help = escapeValue(family.help)
  if (type === 'signed') {
    // in OpenMetrics a summary's sum is a counter, but this sum may fall: write two gauges with the same sample names
    return (['_count', '_sum'] as const)
      .map((suffix) =>
        block(
          { name: `${name}${suffix}`, type: 'gauge', help },
          name,
          samples.filter((sample) => sample.suffix === suffix),
        ),
      )
      .join('')
  }
  const familyName = type === 'counter' || type === 'info' ? name.replace(/_(total|info)$/, '') : name
  return block({ name: familyName, type, help, unit }, name, samples)
}

interface Head {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly unit?: string | undefined
}

function block({ name, type, help, unit }: Head, sampleName: string, samples: readonly Sample[]): string {
  const unitLine = unit === undefined ? '' : `# UNIT ${name} ${unit}\n`
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${unitLine}${samples.map((sample) => line(sampleName, sample)).join('')}`
}

function line(name: string, { suffix, labels, value }: Sample): string {
  return `${name}${suffix ?? ''}{${labels.text}} ${numberText(value)}\n`
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}
