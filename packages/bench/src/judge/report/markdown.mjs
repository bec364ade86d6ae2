import { aimText, count, measuredText, percent, time, times } from '../figures.mjs'
import { CENTRAL } from '../programme.mjs'
import { tableText } from './table-text.mjs'

const MARKS = { reached: 'yes', missed: 'not quite', contradicted: '**no**' }

/** The situations of the first reading, and the charts beside them. */
const HIGHLIGHTS = [
  ...[
    ...CENTRAL,
    'plus-1',
    'bursts-5',
    'restarts',
    'incident',
    'zipf',
    'users-errors',
    'users-latency',
    'users-tenant',
  ],
  ...['plus-3', 'plus-5', 'spike-20', 'plus-80ms', 'p99-x3', 'predictions', 'class-vanishes', 'from-50', 'late-2.2'],
  ...['crash-baking', 'hung', 'incident-plus-5', 'users-errors-plus-5', 'users-latency-plus-80ms', 'tenant-fails'],
]
const CHART_OF_HIGHLIGHTS = /operating-characteristic/

/**
 * Returns a choice of the tables for a first reading, as Markdown.
 *
 * @param {readonly import('../row.mjs').Row[]} rows
 * @param {string} build
 * @param {readonly string[]} charts their files, from where the page is
 */
export function highlightsOf(rows, build, charts) {
  const shown = rows.filter(({ scenario }) => HIGHLIGHTS.includes(scenario.name))
  const own = shown.filter(({ judge }) => judge.name === 'evidence')
  const of = (truth) => own.filter(({ scenario }) => scenario.truth === truth)
  return pageOf([
    sourceOf(build),
    section('Good canaries', tableText(GOOD_HEAD, of('good').map(goodCells))),
    section('Harmful canaries', tableText(BAD_HEAD, of('bad').map(badCells))),
    section('Good canaries that were rolled back, in percent', comparison(shown, 'good', falseCell)),
    section(
      'Harmful canaries: missed in percent, and canary requests until the rollback',
      comparison(shown, 'bad', missCell),
    ),
    ...charts.filter((file) => CHART_OF_HIGHLIGHTS.test(file)).map(imageOf),
  ])
}

/**
 * Returns all tables for people, as Markdown.
 *
 * @param {readonly import('../row.mjs').Row[]} rows
 * @param {string} build
 * @param {readonly string[]} charts their files, from where the page is
 */
export function tablesOf(rows, build, charts) {
  const own = rows.filter(({ judge }) => judge.name === 'evidence')
  const isAside = ({ scenario }) => scenario.group === 'held-out'
  const isShown = ({ scenario }) => scenario.group !== 'curve'
  return pageOf([
    sourceOf(build),
    ...charts.map(imageOf),
    section(
      'The evidence judge, and what it was to reach',
      reachTable(own.filter((row) => isShown(row) && !isAside(row))),
    ),
    section('Situations kept aside: nothing was tuned on them', reachTable(own.filter(isAside))),
    section('Good canaries that were rolled back, in percent', comparison(rows, 'good', falseCell)),
    section(
      'Harmful canaries: missed in percent, and canary requests until the rollback',
      comparison(rows, 'bad', missCell),
    ),
    section('How each judge was set', noteTable(rows)),
  ])
}

const pageOf = (parts) => parts.filter(Boolean).join('\n\n')

function sourceOf(build) {
  return `Generated from the runs of build \`${build}\`. Shares have exact 95 % limits (Clopper and Pearson).`
}

const imageOf = (file) => `![${nameOf(file)}](${file})`

function section(title, table) {
  return table === '' ? '' : `### ${title}\n\n${table}`
}

const GOOD_HEAD = [
  'situation',
  'runs',
  'rolled back, %',
  '95 % limits',
  'stalled, %',
  'promoted in, median / 95 %',
  'of it bake',
]

function goodCells({ scenario, runs, wrong, stalled, promotionMs, bakeMs }) {
  return [
    scenario.title,
    count(runs),
    percent(wrong.share),
    limitsText(wrong),
    percent(stalled.share),
    spreadText(promotionMs),
    time(bakeMs.median),
  ]
}

const BAD_HEAD = ['situation', 'runs', 'missed, %', '95 % limits', 'rolled back in, median / 95 %', 'canary requests']

function badCells({ scenario, runs, wrong, rollbackMs, exposed }) {
  const requests = `${count(exposed.median)} / ${count(exposed.p95)}`
  return [scenario.title, count(runs), percent(wrong.share), limitsText(wrong), spreadText(rollbackMs), requests]
}

const limitsText = ({ low, high }) => `${percent(low)}–${percent(high)}`
const spreadText = ({ median, p95 }) => `${time(median)} / ${time(p95)}`

function reachTable(rows) {
  const head = [
    'situation',
    'truth',
    'runs',
    'wrong %',
    '95 % limits',
    'exposed, median / p95',
    'decided in, median / p95',
    'of it bake',
    'stalled %',
    '× oracle',
    'to reach',
    'reached',
  ]
  return tableText(head, rows.map(reachCells))
}

function reachCells({ scenario, runs, wrong, stalled, exposed, rollbackMs, promotionMs, bakeMs, oracle, aims }) {
  const isBad = scenario.truth === 'bad'
  const decidedIn = isBad ? rollbackMs : promotionMs
  return [
    scenario.title,
    scenario.truth,
    count(runs),
    percent(wrong.share),
    limitsText(wrong),
    isBad ? `${count(exposed.median)} / ${count(exposed.p95)}` : '',
    spreadText(decidedIn),
    isBad ? '' : time(bakeMs.median),
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
  return tableText(
    ['situation', ...judges.map((judge) => `${judge.title} (${runsText(shown.filter((row) => row.judge === judge))})`)],
    scenarios.map((scenario) => [
      scenario.title,
      ...judges.map((judge) => {
        const row = find(scenario, judge)
        return row === undefined ? '' : cellOf(row)
      }),
    ]),
  )
}

/** Returns how many runs the rows of a judge have. */
function runsText(rows) {
  const runs = rows.map((row) => row.runs)
  const [least, most] = [Math.min(...runs), Math.max(...runs)]
  return least === most ? `${count(most)} runs` : `${count(least)} to ${count(most)} runs`
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
  return tableText(
    ['judge', 'as set'],
    judges.map(({ title, note }) => [title, note]),
  )
}

function nameOf(file) {
  return file.replace(/^.*\/|\.svg$/g, '').replaceAll('-', ' ')
}
