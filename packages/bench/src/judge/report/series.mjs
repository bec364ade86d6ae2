import { JUDGES } from '../judges.mjs'

/**
 * One judge in a chart: its colour and mark are the same in all of them.
 *
 * @typedef {{ series: number, title: string, judge: import('../judges.mjs').Contestant }} Series
 */

/**
 * The judges of some rows, in order and as they are drawn: the judge of the library last, on top.
 *
 * @param {readonly import('../row.mjs').Row[]} rows
 * @returns {{ inOrder: readonly Series[], toDraw: readonly Series[] }}
 */
export function seriesOf(rows) {
  const shown = new Set(rows.map(({ judge }) => judge))
  const inOrder = JUDGES.map((judge, series) => ({ series, title: judge.title, judge })).filter(({ judge }) =>
    shown.has(judge),
  )
  return { inOrder, toDraw: inOrder.toReversed() }
}
