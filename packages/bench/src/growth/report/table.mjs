import { count } from '../../judge/figures.mjs'
import { tableText } from '../../judge/report/table-text.mjs'
import { SITUATIONS } from '../situations.mjs'
import { heapOf, mib, ms } from './figures.mjs'

const HEAP = ['', 'requests', 'open flights', 'heap, MiB', 'trend', 'when all ended']
const TIMES = ['median', 'p99', 'most']
const TIME = ['ms of the loop', 'looks', ...TIMES, 'in all', 'other timers', ...TIMES]

/**
 * Returns what was measured as two tables: the heap, and the time of the loop.
 *
 * @param {Readonly<Record<string, import('../run.mjs').Growth>>} measured
 */
export function tablesOf(measured) {
  const rows = Object.entries(measured).map(([name, growth]) => [SITUATIONS[name].title, growth])
  const heap = rows.map(([title, growth]) => [title, ...heapCells(growth)])
  const time = rows.map(([title, growth]) => [title, ...loopCells(growth)])
  return `${tableText(HEAP, heap)}\n\n${tableText(TIME, time)}`
}

function heapCells(growth) {
  const { least, most, trend } = heapOf(growth)
  const requests = growth.marks.at(-1).requests
  return [count(requests), count(growth.underWay), `${mib(least)} to ${mib(most)}`, mib(trend), mib(growth.endedMiB)]
}

function loopCells({ looks, wholeLooks, others }) {
  return [...timeCells(looks), ms(wholeLooks.medianUs), ...timeCells(others)]
}

function timeCells({ count: times, medianUs, p99Us, mostUs }) {
  return [count(times), ...[medianUs, p99Us, mostUs].map(ms)]
}
