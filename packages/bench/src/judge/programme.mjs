import { seedOf } from './seeds.mjs'

/**
 * The matches of a quick run and their replications: the judge's aims, fewer of the slow ones, and where peers are
 * weak.
 */
export const QUICK = {
  evidence: {
    replications: 16,
    scenarios: [
      'identical-1',
      'identical-5',
      'plus-1',
      'cold-start',
      'shared-incident',
      'bursts-5',
      'few-users',
      'plus-3',
      'plus-5',
      'spike-20',
      'plus-80ms',
      'p99-x3',
      'predictions',
      'hung',
      'held-plus-2.6',
      'held-predictions-3',
    ],
    long: {
      replications: 2,
      scenarios: [
        'outage-100',
        'outage-60',
        'outage-before',
        'outage-plus-10',
        'outage-tail',
        'scraped-identical',
        'scraped-plus-5',
        'scraped-half',
      ],
    },
  },
  others: { replications: 16, scenarios: ['identical-5', 'shared-incident', 'plus-5', 'p99-x3', 'predictions'] },
}

/** The good situations of which "at most 0.3 % rolled back" is to be shown: it takes thousands of runs each. */
export const CENTRAL = ['identical-1', 'identical-5', 'plus-20ms', 'cold-start', 'drift', 'shared-incident']

/** Situations of many hours, or that mostly stall: a run takes ten to sixty times as long as others. They come last. */
export const SLOW = ['plus-1-at-0.5', 'users-tenant', 'up-4h', 'up-24h', 'users-turn-over']

/** Situations in which the other judges are not run: they have no history, and a day of them tells nothing more. */
const OWN_ALONE = ['up-15min', 'up-1h', 'up-4h', 'up-24h', 'users-turn-over']

/** The whole benchmark, stage after stage: which matches are in each, and how many runs each has. */
export const FULL = [
  { replications: 3_000, has: (scenario, judge) => isOwn(judge) && CENTRAL.includes(scenario) },
  { replications: 300, has: (scenario, judge) => isOwn(judge) && !SLOW.includes(scenario) },
  { replications: 100, has: (scenario, judge) => !isOwn(judge) && !OWN_ALONE.includes(scenario) },
  { replications: 300, has: (_, judge) => isOwn(judge) },
]

const isOwn = (judge) => judge === 'evidence'

/**
 * One judge in one situation, and its runs.
 *
 * @typedef {object} Match
 * @property {import('./scenario.mjs').Scenario} scenario
 * @property {import('./judges.mjs').Contestant} judge
 * @property {readonly Job[]} jobs
 * @property {number} stage all runs of a stage come before those of the next one
 *
 * @typedef {{ scenario: string, judge: string, seed: number }} Job
 */

/**
 * Returns all matches that are to be run.
 *
 * @param {import('./arguments.mjs').Wish} wish
 * @returns {readonly Match[]}
 */
export function programmeOf({ isQuick, isFull, replications, scenarios, judges, salt }) {
  const stageOf = (scenario, judge) => (isFull ? FULL.findIndex(({ has }) => has(scenario.name, judge.name)) : 0)
  const runsOf = (scenario, judge) => {
    if (judge.make === undefined || (judge.isAbsolute && scenario.group === 'held-out')) return 0
    const wanted = Math.min(replications, scenario.mostReplications ?? replications)
    if (isFull) return Math.min(wanted, FULL[stageOf(scenario, judge)]?.replications ?? 0)
    if (!isQuick) return wanted
    const quick = QUICK[judge.name] ?? QUICK.others
    const asked = [quick, quick.long].find((part) => part?.scenarios.includes(scenario.name))
    return Math.min(wanted, asked?.replications ?? 0)
  }
  return scenarios
    .flatMap((scenario) =>
      judges.map((judge) => ({
        scenario,
        judge,
        stage: stageOf(scenario, judge),
        jobs: jobsOf(scenario, judge, runsOf(scenario, judge), salt),
      })),
    )
    .filter(({ jobs }) => jobs.length > 0)
}

function jobsOf(scenario, judge, runs, salt) {
  return Array.from({ length: runs }, (_, replication) => ({
    scenario: scenario.name,
    judge: judge.name,
    seed: seedOf(scenario.name, replication, salt),
  }))
}

/**
 * Returns the jobs of all matches, stage after stage. Those of a stage are interleaved, so that the results are balanced
 * after an interruption.
 *
 * @param {readonly Match[]} matches
 * @returns {readonly Job[]}
 */
export function inTurn(matches) {
  const stages = [...new Set(matches.map(({ stage }) => stage))].sort((a, b) => a - b)
  return stages.flatMap((stage) => interleaved(matches.filter((match) => match.stage === stage)))
}

function interleaved(matches) {
  const most = Math.max(0, ...matches.map(({ jobs }) => jobs.length))
  return Array.from({ length: most }, (_, at) => matches.flatMap(({ jobs }) => jobs.slice(at, at + 1))).flat()
}
