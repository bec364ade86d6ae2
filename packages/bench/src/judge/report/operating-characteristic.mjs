import { percent } from '../figures.mjs'
import { seriesOf } from './series.mjs'
import { band, curve, drawing, legend, linear, mark, rule, text } from './svg.mjs'

const FRAME = { width: 760, height: 400 }
const LEFT = 56
const RIGHT = 560
const TOP = 48
const BOTTOM = 344

/**
 * Returns a chart of the probability of a rollback by the true increase of the error rate; `undefined` without such
 * runs.
 *
 * @param {readonly import('../row.mjs').Row[]} rows
 */
export function operatingCharacteristic(rows) {
  const points = rows.filter(({ scenario }) => scenario.group === 'curve')
  if (points.length === 0) return undefined
  const { inOrder, toDraw } = seriesOf(points)
  const most = Math.max(...points.map(({ scenario }) => scenario.points))
  const x = linear([0, most], [LEFT, RIGHT])
  const y = linear([0, 1], [BOTTOM, TOP])

  const lines = toDraw.flatMap(({ judge, series }) => {
    const places = points
      .filter((row) => row.judge === judge)
      .map((row) => ({ x: x(row.scenario.points), y: y(row.rolledBack.share) }))
    return [curve(places, series), ...places.map((place) => mark(place.x, place.y, series))]
  })
  const title = 'Rolled back, by how much worse the canary is'
  const description = inOrder.map(({ title, judge }) => `${title}: ${shares(points, judge)}`).join('. ')
  return drawing({ ...FRAME, title, description }, [
    band(LEFT, TOP, x(1) - LEFT, BOTTOM - TOP),
    band(x(2), TOP, RIGHT - x(2), BOTTOM - TOP),
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
      rule(LEFT, y(share), RIGHT, y(share)),
      text(LEFT - 8, y(share) + 4, `${100 * share} %`, { anchor: 'end', className: 'soft' }),
    ]),
    ...Array.from({ length: most + 1 }, (_, value) =>
      text(x(value), BOTTOM + 18, `+${value}`, { anchor: 'middle', className: 'soft' }),
    ),
    rule(LEFT, BOTTOM, RIGHT, BOTTOM, 'axis'),
    text((LEFT + x(1)) / 2, TOP - 6, 'tolerated', { anchor: 'middle', className: 'soft' }),
    text((x(2) + RIGHT) / 2, TOP - 6, 'beyond the margin of 2 points', { anchor: 'middle', className: 'soft' }),
    text((LEFT + RIGHT) / 2, BOTTOM + 40, 'true increase of a 1 % error rate, in points', { anchor: 'middle' }),
    ...lines,
    ...legend(RIGHT + 28, TOP + 12, inOrder),
  ])
}

function shares(points, judge) {
  return points
    .filter((row) => row.judge === judge)
    .map(({ scenario, rolledBack }) => `+${scenario.points} ${percent(rolledBack.share)} %`)
    .join(', ')
}
