import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { JUDGES } from './judges.mjs'
import { ALL_SCENARIOS } from './line-up.mjs'
import { MOST_REPLICATIONS } from './seeds.mjs'

const USAGE = `usage: npm run bench:judge -- [options]

  --quick             a choice of situations, few runs, under two minutes; fails where the data contradict an aim
  --full              the whole benchmark of docs/statistics.md, for hours: more runs of the central situations, fewer of
                      the other judges, the slow situations last; with --out it goes on after an interruption
  --replications <n>  at most so many runs of each judge in each situation (2000; with --full as many as it needs)
  --scenarios <a,b>   only these, by name or group: ${[...new Set(ALL_SCENARIOS.map(({ group }) => group))].join(', ')}
  --judges <a,b>      only these: ${JUDGES.map(({ name }) => name).join(', ')}
  --salt <text>       other seeds
  --out <file>        appends every run as a line of JSON, and goes on from what is there
  --counts <file>     writes how many aims hold and how many the data contradict, as JSON
  --keep              writes all runs of the build into runs.jsonl.gz, with which --full begins elsewhere
  --no-runs           runs nothing: tells what the file of --out holds, however much it is, also while it is written
  --build <hash>      with --no-runs: tells the results of this build, and not of the present one
  --report <folder>   writes tables into its statistics.md and benchmark.md, and charts into its charts/`

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  'no-runs': { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  full: { type: 'boolean', default: false },
  build: { type: 'string' },
  replications: { type: 'string' },
  scenarios: { type: 'string' },
  judges: { type: 'string' },
  salt: { type: 'string', default: '' },
  out: { type: 'string' },
  report: { type: 'string' },
  counts: { type: 'string' },
}

/**
 * The parsed command line.
 *
 * @typedef {object} Wish
 * @property {boolean} isQuick
 * @property {boolean} isFull
 * @property {boolean} isReport whether only what is there is told
 * @property {boolean} isKept whether the runs are kept in the repository
 * @property {string} [build] the build to tell of
 * @property {number} replications
 * @property {readonly import('./scenario.mjs').Scenario[]} scenarios
 * @property {readonly import('./judges.mjs').Contestant[]} judges
 * @property {string} salt
 * @property {string} [out]
 * @property {string} [report]
 * @property {string} [counts]
 */

/**
 * Returns the parsed command line. Throws an error with the usage if it is invalid.
 *
 * @param {readonly string[]} args
 * @returns {Wish}
 */
export function readWish(args) {
  try {
    const { values } = parseArgs({ args: args.filter((argument) => argument !== '--'), options: OPTIONS })
    const report = fromCaller(values.report)
    if (report !== undefined && !existsSync(report)) throw new Error(`there is no folder ${report}`)
    if (values.build !== undefined && !values['no-runs']) throw new Error('--build needs --no-runs')
    return {
      isQuick: values.quick,
      isFull: values.full,
      isReport: values['no-runs'],
      isKept: values.keep,
      build: values.build,
      replications: positive('replications', values.replications ?? (values.full ? MOST_REPLICATIONS : 2_000)),
      scenarios: chosen('scenario', values.scenarios, ALL_SCENARIOS),
      judges: chosen('judge', values.judges, JUDGES),
      salt: values.salt,
      out: fromCaller(values.out),
      report,
      counts: fromCaller(values.counts),
    }
  } catch (cause) {
    throw new Error(`${cause.message}\n\n${USAGE}`, { cause })
  }
}

/** Returns a path relative to the folder in which the command was typed: npm and pnpm change the folder. */
function fromCaller(path) {
  return path === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', path)
}

function positive(name, given) {
  const value = Number(given)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new Error(`--${name} takes a whole number above 0, not "${given}"`)
}

function chosen(what, text, all) {
  if (text === undefined) return all
  const names = text.split(',')
  const unknown = names.find((name) => !all.some((each) => each.name === name || each.group === name))
  if (unknown !== undefined)
    throw new Error(`no ${what} "${unknown}"; there are ${all.map(({ name }) => name).join(', ')}`)
  return all.filter(({ name, group }) => names.includes(name) || names.includes(group))
}
