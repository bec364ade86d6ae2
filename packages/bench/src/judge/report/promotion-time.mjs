import { time } from '../figures.mjs'
import { seriesOf } from './series.mjs'
import { curve, drawing, legend, logarithmic, mark, rule, text } from './svg.mjs'

const FRAME = { width: 760, height: 380 }
const LEFT = 72
const RIGHT = 540
const TOP = 48
const BOTTOM = 316
const MINUTE_MS = 60_000
const TIMES = { '1 min': 1, '5 min': 5, '20 min': 20, '1 h': 60, '4 h': 240, '8 h': 480 }

/** Requests a second of the situations whose canary is identical. */
const RATES = { 'identical-at-0.5': 0.5, 'identical-at-5': 5, 'identical-1': 50, 'identical-at-500': 500 }

/**
 * Returns a chart of an identical canary's time to full weight, by the traffic; `undefined` without such runs.
 *
 * @param {readonly import('../row.mjs').Row[]} rows
 */
export function promotionTime(rows) {
  const shown = rows.filter(({ scenario }) => scenario.name in RATES)
  if (shown.length === 0) return undefined
  const { inOrder, toDraw } = seriesOf(shown)
  const x = logarithmic([0.5, 500], [LEFT, RIGHT])
  const y = logarithmic([MINUTE_MS, 480 * MINUTE_MS], [BOTTOM, TOP])

  const lines = toDraw.flatMap(({ judge, series }) => {
    const places = shown
      .filter((row) => row.judge === judge && Number.isFinite(row.promotionMs.median))
      .map((row) => ({ x: x(RATES[row.scenario.name]), y: y(row.promotionMs.median) }))
      .toSorted((a, b) => a.x - b.x)
    return [curve(places, series), ...places.map((place) => mark(place.x, place.y, series))]
  })
  const title = 'Time to full promotion of an identical canary, median'
  const description = shown
    .map(
      ({ judge, scenario, promotionMs }) =>
        `${judge.title}, ${RATES[scenario.name]} a second: ${time(promotionMs.median)}`,
    )
    .join('. ')
  return drawing({ ...FRAME, title, description }, [
    ...Object.entries(TIMES).flatMap(([label, minutes]) => [
      rule(LEFT, y(minutes * MINUTE_MS), RIGHT, y(minutes * MINUTE_MS)),
      text(LEFT - 8, y(minutes * MINUTE_MS) + 4, label, { anchor: 'end', className: 'soft' }),
    ]),
    ...Object.values(RATES).map((rate) =>
      text(x(rate), BOTTOM + 18, String(rate), { anchor: 'middle', className: 'soft' }),
    ),
    rule(LEFT, BOTTOM, RIGHT, BOTTOM, 'axis'),
    text((LEFT + RIGHT) / 2, BOTTOM + 42, 'requests a second', { anchor: 'middle' }),
    ...lines,
    ...legend(RIGHT + 28, TOP + 12, inOrder),
  ])
}
