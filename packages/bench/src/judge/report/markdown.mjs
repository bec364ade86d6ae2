import { aimText, count, measuredText, percent, time, times } from '../figures.mjs'

const MARKS = { reached: 'yes', missed: 'not quite', contradicted: '**no**' }

/**
 * The tables for people, as Markdown.
 *
 * @param {readonly import('../row.mjs').Row[]} rows
 * @param {string} build
 * @param {readonly string[]} charts their files, from where the page is
 */
export function tablesOf(rows, build, charts) {
  const own = rows.filter(({ judge }) => judge.name === 'evidence')
  const isAside = ({ scenario }) => scenario.group === 'held-out'
  const isShown = ({ scenario }) => scenario.group !== 'curve'
  return [
    `Made by \`npm run bench:judge -- --report docs\`, on build \`${build}\`. Shares with their exact 95 % limits (Clopper and Pearson).`,
    ...charts.map((file) => `![${nameOf(file)}](${file})`),
    section(
      'The evidence judge, and what it was to reach',
      reachTable(own.filter((row) => isShown(row) && !isAside(row))),
    ),
    section('Situations kept aside: nothing was tuned on them', reachTable(own.filter(isAside))),
    section('Good canaries that were rolled back, in percent', comparison(rows, 'good', falseCell)),
    section(
      'Bad canaries: missed in percent, and canary requests until the rollback',
      comparison(rows, 'bad', missCell),
    ),
    section('How each judge was set', noteTable(rows)),
  ]
    .filter(Boolean)
    .join('\n\n')
}

function section(title, table) {
  return table === '' ? '' : `### ${title}\n\n${table}`
}

function table(head, body) {
  if (body.length === 0) return ''
  const lines = [head, head.map(() => '---'), ...body]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function reachTable(rows) {
  const head = [
    'situation',
    'truth',
    'runs',
    'wrong %',
    '95 % limits',
    'exposed, median / p95',
    'decided in, median / p95',
    'stalled %',
    '× oracle',
    'to reach',
    'reached',
  ]
  return table(head, rows.map(reachCells))
}

function reachCells({ scenario, runs, wrong, stalled, exposed, rollbackMs, promotionMs, oracle, aims }) {
  const isBad = scenario.truth === 'bad'
  const decidedIn = isBad ? rollbackMs : promotionMs
  return [
    scenario.title,
    scenario.truth,
    String(runs),
    percent(wrong.share),
    `${percent(wrong.low)}–${percent(wrong.high)}`,
    isBad ? `${count(exposed.median)} / ${count(exposed.p95)}` : '',
    `${time(decidedIn.median)} / ${time(decidedIn.p95)}`,
    percent(stalled.share),
    oracle === undefined ? '' : times(exposed.median / oracle),
    aims.map(aimText).join(', '),
    aims
      .map((aim) => (aim.state === 'reached' ? MARKS.reached : `${MARKS[aim.state]} (${measuredText(aim)})`))
      .join(', '),
  ]
}

function comparison(rows, truth, cellOf) {
  const shown = rows.filter(({ scenario }) => scenario.truth === truth && scenario.group !== 'curve')
  const judges = [...new Set(shown.map(({ judge }) => judge))]
  const scenarios = [...new Set(shown.map(({ scenario }) => scenario))]
  const find = (scenario, judge) => shown.find((row) => row.scenario === scenario && row.judge === judge)
  return table(
    ['situation', ...judges.map(({ title }) => title)],
    scenarios.map((scenario) => [
      scenario.title,
      ...judges.map((judge) => {
        const row = find(scenario, judge)
        return row === undefined ? '' : cellOf(row)
      }),
    ]),
  )
}

function falseCell({ rolledBack, stalled }) {
  return stalled.share > 0
    ? `${percent(rolledBack.share)} (${percent(stalled.share)} stalled)`
    : percent(rolledBack.share)
}

function missCell({ wrong, exposed, early }) {
  const before = early.share > 0 ? `, ${percent(early.share)} too early` : ''
  return `${percent(wrong.share)}, ${count(exposed.median)}${before}`
}

function noteTable(rows) {
  const judges = [...new Set(rows.map(({ judge }) => judge))]
  return table(
    ['judge', 'as set'],
    judges.map(({ title, note }) => [title, note]),
  )
}

function nameOf(file) {
  return file.replace(/^.*\/|\.svg$/g, '').replaceAll('-', ' ')
}
