import { aimText, count, measuredText, percent, time, times } from './figures.mjs'

const HEAD = [
  'situation',
  'truth',
  'judge',
  'runs',
  'wrong %',
  '95 % limits',
  'promoted',
  'stalled',
  'exposed',
  'p95',
  'rollback',
  'promotion',
  'p95',
  'of it bake',
  'oracle',
  's/run',
  'aims',
]

const WORDS = { reached: 'reached', missed: 'MISSED, by chance perhaps', contradicted: 'CONTRADICTED' }

/**
 * Returns the rows as a text table.
 *
 * @param {readonly import('./row.mjs').Row[]} rows
 */
export function tableOf(rows) {
  const lines = [HEAD, ...rows.map(cellsOf)]
  const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => cells[column].length)))
  const isText = (column) => column < 3 || column === HEAD.length - 1
  const textOf = (cells) =>
    cells
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
  return lines.map((cells) => textOf(cells).trimEnd()).join('\n')
}

function cellsOf(row) {
  const { scenario, judge, runs, wrong, promoted, stalled, exposed, rollbackMs, promotionMs, bakeMs, oracle } = row
  const { runMs, aims } = row
  const isBad = scenario.truth === 'bad'
  const hasAnswer = scenario.truth !== 'between'
  return [
    scenario.name,
    scenario.truth,
    judge.name,
    String(runs),
    hasAnswer ? percent(wrong.share) : '',
    hasAnswer ? `${percent(wrong.low)}–${percent(wrong.high)}` : '',
    percent(promoted.share),
    percent(stalled.share),
    isBad ? count(exposed.median) : '',
    isBad ? count(exposed.p95) : '',
    isBad ? time(rollbackMs.median) : '',
    isBad ? '' : time(promotionMs.median),
    isBad ? '' : time(promotionMs.p95),
    isBad ? '' : time(bakeMs.median),
    oracle === undefined ? '' : times(exposed.median / oracle),
    (runMs / 1_000).toFixed(1),
    aims.length === 0 ? '' : stateText(aims),
  ]
}

function stateText(aims) {
  const open = aims.filter(({ state }) => state !== 'reached')
  if (open.length === 0) return WORDS.reached
  return open.map((aim) => `${WORDS[aim.state]}: ${measuredText(aim)}, ${aimText(aim)}`).join('; ')
}
