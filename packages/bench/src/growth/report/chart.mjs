import { curve, drawing, linear, logarithmic, mark, rule, text } from '../../judge/report/svg.mjs'
import { SITUATIONS } from '../situations.mjs'
import { heapOf, mib, ms } from './figures.mjs'

const WIDTH = 860
const TOP = 84
const ROW = 26

/** The two parts of a row, from left to right. */
const HEAP = [210, 490]
const LOOK = [540, 820]

/** What is drawn, in MiB and in ms: beyond it, a line stays at the edge. */
const MIB = [-1.5, 1.5]
const MS = [0.5, 50]

/** The aims, in MiB and in ms. */
const FLAT_MIB = 0.5
const MOST_MS = 2

const HEAP_SERIES = 0
const LOOK_SERIES = 1

/**
 * Returns the picture of the heap and of the looks, one situation below the other.
 *
 * @param {Readonly<Record<string, import('../run.mjs').Growth>>} measured
 */
export function growthChart(measured) {
  const rows = Object.entries(measured).map(([name, growth]) => ({ title: SITUATIONS[name].title, growth }))
  const bottom = TOP + rows.length * ROW
  const title = 'What grows with requests, flights, guardrails and classes'
  return drawing({ width: WIDTH, height: bottom + 56, title, description: rows.map(described).join('. ') }, [
    text(HEAP[0], TOP - 28, 'heap above the first mark, in MiB'),
    text(LOOK[0], TOP - 28, 'a look: median, and p99, in ms'),
    ...scaleOf([-1, -0.5, 0, 0.5, 1], heapX, bottom, [-FLAT_MIB, FLAT_MIB]),
    ...scaleOf([0.5, 1, 2, 5, 10, 20, 50], lookX, bottom, [MOST_MS]),
    ...rows.flatMap(rowParts),
    text(HEAP[0], bottom + 42, 'line: least to most; mark: at the end; dashed: the aim', { className: 'soft' }),
  ])
}

const within = ([least, most], value) => Math.min(most, Math.max(least, value))
const heapX = (value) => linear(MIB, HEAP)(within(MIB, value))
const lookX = (value) => logarithmic(MS, LOOK)(within(MS, value))

function scaleOf(values, x, bottom, aims) {
  return [
    ...values.flatMap((value) => [
      rule(x(value), TOP - 8, x(value), bottom),
      text(x(value), bottom + 18, String(value), { anchor: 'middle', className: 'soft' }),
    ]),
    ...aims.map((aim) => rule(x(aim), TOP - 8, x(aim), bottom, 'axis dash')),
  ]
}

function rowParts({ title, growth }, at) {
  const y = TOP + at * ROW + ROW / 2
  const { least, most, last } = heapOf(growth)
  const { medianUs, p99Us } = growth.looks
  const line = (from, to, series) =>
    curve(
      [from, to].map((x) => ({ x, y })),
      series,
    )
  return [
    text(16, y + 4, title),
    line(heapX(least), heapX(most), HEAP_SERIES),
    mark(heapX(last), y, HEAP_SERIES),
    line(lookX(medianUs / 1_000), lookX(p99Us / 1_000), LOOK_SERIES),
    mark(lookX(medianUs / 1_000), y, LOOK_SERIES),
    mark(lookX(p99Us / 1_000), y, LOOK_SERIES),
  ]
}

function described({ title, growth }) {
  const { least, most } = heapOf(growth)
  return `${title}: heap ${mib(least)} to ${mib(most)} MiB, a look ${ms(growth.looks.medianUs)} ms, p99 ${ms(growth.looks.p99Us)} ms`
}
