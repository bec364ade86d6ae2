import { count } from '../figures.mjs'
import { seriesOf } from './series.mjs'
import { drawing, legend, logarithmic, mark, rule, text } from './svg.mjs'

const WIDTH = 1010
const LEFT = 270
const RIGHT = 680
const NEVER = RIGHT + 36
const TOP = 56
const ROW = 24
const DECADES = [1, 10, 100, 1_000, 10_000, 100_000]

/**
 * Returns a chart of the canary's requests until its rollback, next to an oracle's; `undefined` without such runs.
 *
 * @param {readonly import('../row.mjs').Row[]} rows
 */
export function exposure(rows) {
  const shown = rows.filter(({ scenario, oracle }) => scenario.group === 'table' && oracle !== undefined)
  if (shown.length === 0) return undefined
  const scenarios = [...new Set(shown.map(({ scenario }) => scenario))]
  const { inOrder, toDraw } = seriesOf(shown)
  const x = logarithmic([DECADES[0], DECADES.at(-1)], [LEFT, RIGHT])
  const bottom = TOP + ROW * scenarios.length

  const marksOf = (scenario, at) => {
    const y = TOP + ROW * (at + 0.5)
    const own = shown.filter((row) => row.scenario === scenario)
    const medianOf = (judge) => own.find((row) => row.judge === judge)?.exposed.median ?? Number.NaN
    const oracle = x(own[0].oracle)
    const found = toDraw.filter(({ judge }) => Number.isFinite(medianOf(judge)))
    const missing = inOrder.filter(({ judge }) => medianOf(judge) === Number.POSITIVE_INFINITY)
    return [
      rule(LEFT, y, RIGHT, y),
      text(LEFT - 12, y + 4, scenario.title, { anchor: 'end' }),
      rule(oracle, y - 9, oracle, y + 9, 'axis'),
      ...found.map(({ judge, series }) => mark(x(Math.max(1, medianOf(judge))), y, series)),
      ...missing.map(({ series }, place) => mark(NEVER + 12 * place, y, series)),
    ]
  }
  const description = scenarios.map((scenario) => describe(scenario, shown)).join('. ')
  const title = 'Canary requests until the rollback, median'
  return drawing({ width: WIDTH, height: bottom + 64, title, description }, [
    ...DECADES.flatMap((requests) => [
      rule(x(requests), TOP, x(requests), bottom),
      text(x(requests), bottom + 18, count(requests), { anchor: 'middle', className: 'soft' }),
    ]),
    text(NEVER - 5, TOP - 8, 'never', { className: 'soft' }),
    text(LEFT, bottom + 44, 'Upright strokes: an oracle that knows both distributions and when the harm begins.'),
    ...scenarios.flatMap(marksOf),
    ...legend(RIGHT + 128, TOP + 12, inOrder),
  ])
}

function describe(scenario, rows) {
  const own = rows.filter((row) => row.scenario === scenario)
  const each = own.map(
    ({ judge, exposed }) => `${judge.title} ${Number.isFinite(exposed.median) ? count(exposed.median) : 'never'}`,
  )
  return `${scenario.title}: oracle ${count(own[0].oracle)}, ${each.join(', ')}`
}
