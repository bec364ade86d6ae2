import { count, time } from '../figures.mjs'
import { band, curve, drawing, linear, logarithmic, mark, rule, text } from './svg.mjs'

const WIDTH = 860
const LEFT = 64
const RIGHT = 640
const TOP = 76
const HEIGHT = 200
const GAP = 92

/** The evidence that is drawn: beyond it, a line stays at the edge. */
const LEAST = 0.003
const MOST = 3_000
const DECADES = [0.01, 0.1, 1, 10, 100, 1_000]

/** The time between two points of a line, in seconds. */
const EVERY_S = 3

/** The evidence of harm that rolls back, with the default `alpha`. */
const ROLLBACK = 20

/** The colours of the two lines. */
const SAFETY = 0
const HARM = 1

/**
 * Returns the picture of the evidence over time: one rollout below the other.
 *
 * @param {readonly { title: string, path: import('./evidence-path.mjs').Path }[]} rollouts
 */
export function evidenceOverTime(rollouts) {
  const endS = Math.max(...rollouts.map(({ path }) => path.endS))
  const x = linear([0, 60 * Math.ceil(endS / 60)], [LEFT, RIGHT])
  const panels = rollouts.map((rollout, at) => panelOf(rollout, x, TOP + at * (HEIGHT + GAP)))
  const bottom = TOP + (rollouts.length - 1) * (HEIGHT + GAP) + HEIGHT
  const title = 'What the judge knows over time'
  const description = rollouts.map(({ title, path }) => `${title}: ${endOf(path)}`).join('. ')
  return drawing({ width: WIDTH, height: bottom + 52, title, description }, [
    ...panels.flat(),
    text((LEFT + RIGHT) / 2, bottom + 42, 'minutes since the start', { anchor: 'middle' }),
  ])
}

function panelOf({ title, path }, x, top) {
  const bottom = top + HEIGHT
  const scale = logarithmic([LEAST, MOST], [bottom, top])
  const y = (evidence) => scale(Math.min(MOST, Math.max(LEAST, evidence)))
  const line = (figure) => thinned(path.points).map((point) => ({ x: x(point.s), y: y(point[figure]) }))
  const last = path.points.at(-1)
  const isGood = path.state === 'promoted'
  const steps = stepsOf(path)
  const minutes = Array.from({ length: Math.floor(path.endS / 60) + 2 }, (_, minute) => minute)

  return [
    text(LEFT, top - 30, title),
    ...steps.flatMap(({ fromS, toS, weight, needed }, at) => [
      ...(at % 2 === 0 ? [band(x(fromS), top, x(toS) - x(fromS), HEIGHT)] : []),
      text((x(fromS) + x(toS)) / 2, top - 8, `${weight} %`, { anchor: 'middle', className: 'soft' }),
      ...(at === 0 ? [] : [rule(x(fromS), y(needed), x(toS), y(needed), `s${SAFETY} dash`)]),
    ]),
    ...DECADES.flatMap((evidence) => [
      rule(LEFT, y(evidence), RIGHT, y(evidence)),
      text(LEFT - 8, y(evidence) + 4, count10(evidence), { anchor: 'end', className: 'soft' }),
    ]),
    ...minutes
      .filter((minute) => x(60 * minute) <= RIGHT)
      .map((minute) => text(x(60 * minute), bottom + 18, String(minute), { anchor: 'middle', className: 'soft' })),
    rule(LEFT, bottom, RIGHT, bottom, 'axis'),
    rule(LEFT, y(ROLLBACK), RIGHT, y(ROLLBACK), `s${HARM} dash`),
    curve(line('safety'), SAFETY),
    curve(line('harm'), HARM),
    mark(x(path.endS), y(isGood ? last.safety : ROLLBACK), isGood ? SAFETY : HARM),
    ...labels(path, top, y),
  ]
}

/** The words at the right of a panel. */
function labels(path, top, y) {
  const at = RIGHT + 16
  const isGood = path.state === 'promoted'
  return [
    mark(at, top + 4, SAFETY),
    text(at + 12, top + 8, 'evidence of safety'),
    text(at + 12, top + 24, 'dashed: what the step needs', { className: 'soft' }),
    mark(at, y(ROLLBACK) + 26, HARM),
    text(at + 12, y(ROLLBACK) + 30, 'evidence of harm'),
    text(at + 12, y(ROLLBACK) + 46, `dashed: rolled back at ${ROLLBACK}`, { className: 'soft' }),
    text(at + 12, y(ROLLBACK) + 78, isGood ? 'promoted' : 'rolled back'),
    text(at + 12, y(ROLLBACK) + 94, `after ${time(1_000 * path.endS)}`, { className: 'soft' }),
    text(at + 12, y(ROLLBACK) + 110, `${count(path.canaryRequests)} canary requests`, { className: 'soft' }),
  ]
}

function endOf({ state, endS, canaryRequests }) {
  const end = state === 'promoted' ? 'promoted' : 'rolled back'
  return `${end} after ${time(1_000 * endS)} and ${count(canaryRequests)} canary requests`
}

const count10 = (evidence) => (evidence < 1 ? String(evidence) : count(evidence))

/** Returns the first point of each few seconds, and the last one of all. */
function thinned(points) {
  const slot = ({ s }) => Math.floor(s / EVERY_S)
  return points.filter((point, at) => at === 0 || at === points.length - 1 || slot(point) !== slot(points[at - 1]))
}

/** Returns when each weight was in force. */
function stepsOf({ points, endS }) {
  const first = points.filter(({ weight }, at) => weight !== points[at - 1]?.weight)
  return first.map(({ s, weight, needed }, at) => ({
    fromS: at === 0 ? 0 : s,
    toS: first[at + 1]?.s ?? endS,
    weight,
    needed,
  }))
}
