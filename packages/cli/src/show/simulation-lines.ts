import type { SimulatedRollouts } from '@model-canary/testing'
import type { Colors } from './colors.js'
import { durationText, numberText } from './words.js'

/** The rollouts of one scenario. */
export interface ScenarioResult {
  readonly scenario: string
  readonly rollouts: SimulatedRollouts
}

type Share = SimulatedRollouts['promoted']
type Quantiles = NonNullable<SimulatedRollouts['timeToPromotionMs']>

/** Returns the results as a table, with a column for each scenario. */
export function simulationLines(results: readonly ScenarioResult[], colors: Colors): readonly string[] {
  const rows: readonly (readonly string[])[] = [
    ['a canary that is', ...results.map(({ scenario }) => scenario)],
    row('rolled back', results, ({ rolledBack }) => shareText(rolledBack)),
    row('promoted', results, ({ promoted }) => shareText(promoted)),
    row('undecided', results, ({ undecided }) => shareText(undecided)),
    row('time to promotion', results, ({ timeToPromotionMs }) => rangeText(timeToPromotionMs, durationText)),
    row('time to rollback', results, ({ timeToRollbackMs }) => rangeText(timeToRollbackMs, durationText)),
    row('users who met it', results, ({ canaryUsers }) => rangeText(canaryUsers, wholeText)),
    row('its requests', results, ({ canaryRequests }) => rangeText(canaryRequests, wholeText)),
    row('rolled back by', results, ({ reasons }) => reasons.map(({ name, count }) => `${name} ${count}`).join(', ')),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)))
  return rows.map((cells, index) => {
    const line = cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('   ')
      .trimEnd()
    return index === 0 ? colors.bold(line) : line
  })
}

const row = (label: string, results: readonly ScenarioResult[], cell: (rollouts: SimulatedRollouts) => string) => [
  label,
  ...results.map(({ rollouts }) => cell(rollouts)),
]

const percent = (share: number): string => numberText(100 * share, 1)
const wholeText = (value: number): string => numberText(value, 0)

/** The limits are 95 % confidence limits. */
const shareText = ({ rate, low, high }: Share): string => `${percent(rate)} % (${percent(low)} to ${percent(high)})`

const rangeText = (range: Quantiles | null, show: (value: number) => string): string =>
  range === null ? '-' : `${show(range.median)} (${show(range.p5)} to ${show(range.p95)})`
