import type { SimulatedRollouts } from '@model-canary/testing'
import type { ScenarioResult } from './simulation-lines.js'
import { durationText, numberText } from './words.js'

const WIDTH = 720
const LABEL = 150
const PLOT = WIDTH - LABEL - 20
const ROW = 34
const HEAD = 40

const COLORS = { promoted: '#2e7d4f', rolledBack: '#b3382c', undecided: '#9a9a9a', range: '#3a6ea5' } as const

/** Returns the results as a picture: how the rollouts end, how long that takes, and how many users meet the canary. */
export function simulationSvg(results: readonly ScenarioResult[]): string {
  const panel = HEAD + results.length * ROW
  const panels = [
    endsPanel(results),
    rangePanel('time to the end', results, timeOf, durationText),
    rangePanel(
      'users who meet the canary',
      results,
      ({ canaryUsers }) => canaryUsers,
      (value) => numberText(value, 0),
    ),
  ]
  const height = panels.length * panel + 10
  const body = panels.map((content, at) => `<g transform="translate(0 ${at * panel})">${content}</g>`).join('\n')
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`
  const style = 'font-family="sans-serif" font-size="13" fill="#222"'
  return `${head} ${style} role="img">\n<title>Simulated rollouts</title>\n<rect width="100%" height="100%" fill="#fff"/>\n${body}\n</svg>\n`
}

type Quantiles = NonNullable<SimulatedRollouts['canaryUsers']>

/** Most rollouts of a scenario end in one way: that one is shown. */
const timeOf = ({ promoted, rolledBack, timeToPromotionMs, timeToRollbackMs }: SimulatedRollouts): Quantiles | null =>
  promoted.count >= rolledBack.count ? timeToPromotionMs : timeToRollbackMs

function endsPanel(results: readonly ScenarioResult[]): string {
  const rows = results.map(({ scenario, rollouts }, index) => {
    let x = LABEL
    const parts = (['promoted', 'rolledBack', 'undecided'] as const).map((end) => {
      const width = PLOT * rollouts[end].rate
      const words = `${numberText(100 * rollouts[end].rate, 1)} %`
      const label = width < 60 ? '' : text(x + 8, 16, words, 'fill="#fff"')
      const part = `<rect x="${at(x)}" y="0" width="${at(width)}" height="22" fill="${COLORS[end]}"/>${label}`
      x += width
      return part
    })
    return rowOf(index, scenario, parts.join(''))
  })
  const legend = 'how the rollouts end: promoted (green), rolled back (red), undecided (grey)'
  return title(legend) + rows.join('')
}

function rangePanel(
  name: string,
  results: readonly ScenarioResult[],
  rangeOf: (rollouts: SimulatedRollouts) => Quantiles | null,
  show: (value: number) => string,
): string {
  const most = Math.max(1, ...results.map(({ rollouts }) => rangeOf(rollouts)?.p95 ?? 0))
  const xOf = (value: number): number => LABEL + (PLOT * value) / (most * 1.35) // room for the words at the end
  const rows = results.map(({ scenario, rollouts }, index) => {
    const range = rangeOf(rollouts)
    if (range === null) return rowOf(index, scenario, text(LABEL, 16, 'none'))
    const [from, middle, to] = [range.p5, range.median, range.p95].map(xOf) as [number, number, number]
    const line = `<rect x="${at(from)}" y="8" width="${at(Math.max(2, to - from))}" height="6" fill="${COLORS.range}"/>`
    const dot = `<circle cx="${at(middle)}" cy="11" r="6" fill="${COLORS.range}"/>`
    return rowOf(index, scenario, `${line}${dot}${text(to + 12, 16, show(range.median))}`)
  })
  return title(`${name}: median, and where 90 % lie`) + rows.join('')
}

const title = (words: string): string => text(10, 24, words, 'font-weight="bold"')

const rowOf = (index: number, label: string, content: string): string =>
  `<g transform="translate(0 ${HEAD + index * ROW})">${text(10, 16, label)}${content}</g>`

const text = (x: number, y: number, words: string, attributes = ''): string =>
  `<text x="${at(x)}" y="${y}"${attributes === '' ? '' : ` ${attributes}`}>${escaped(words)}</text>`

const at = (value: number): string => String(Math.round(value * 10) / 10)

const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
