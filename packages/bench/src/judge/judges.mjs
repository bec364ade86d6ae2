import { errorRate, latency, linearPlan, predictionShift, scoreShift, tailLatency } from '@model-canary/core'
import * as judges from '@model-canary/core/judge'
import { flaggerJudge } from './peers/flagger.mjs'
import { growthbookJudge } from './peers/growthbook.mjs'
import { kayentaJudge } from './peers/kayenta.mjs'
import { BAKE_WEIGHT } from './scenario.mjs'
import { p99Of } from './tails.mjs'

const { thresholdJudge, welchTest } = judges

/** The five guardrails that every situation uses, with the margins of the benchmark. */
const USUAL = [
  errorRate({ margin: 0.02 }),
  latency({ marginMs: 50 }),
  tailLatency({ name: 'p95', quantile: 0.95, ratio: 1.5 }),
  tailLatency({ name: 'p99', quantile: 0.99, ratio: 1.5 }),
  predictionShift({ name: 'predictions', margin: 0.1 }),
]

/** The guardrails that a situation has to name. */
const ASKED_FOR = [scoreShift({ name: 'scores', margin: 0.05 })]

/** The guardrails of the well-known guides. */
const OF_THE_GUIDES = ['errorRate', 'latency']

/** The weights of the default plan, for those that stay longer at each. */
const planOf = (options) => linearPlan([10, 25, 50, 100], options)

/**
 * What is not as `createCanary` has it by default. Plan, warm-up, bake and interval are the defaults, so that what people
 * run is measured.
 */
const ROLLOUT = {
  historySize: 1, // the history is not read, and would be stored at every look
  replaySize: 0,
}

/**
 * A rule by itself: the tripwire would add its own rollbacks. It bakes as the library's judge does, because it could
 * compare nothing at 100 %.
 */
const ALONE = { tripwire: false, bake: { holdbackPercent: 100 - BAKE_WEIGHT } }

/** A look each minute, without a warm-up. */
const byTheMinute = (plan) => ({ ...ALONE, plan, intervalMs: 60_000, warmUp: { durationMs: 0 } })

/**
 * A judge, with the interval that is usual for it.
 *
 * @typedef {object} Contestant
 * @property {string} name
 * @property {string} title
 * @property {string} note
 * @property {(() => import('@model-canary/core/judge').Judge) | undefined} make `undefined` where this build has none
 * @property {boolean} [needsHistory] whether it learns from the baseline before the start
 * @property {readonly string[]} [guardrails] only these of the five
 * @property {boolean} [isAbsolute] whether it is set for one service, and says nothing of another
 * @property {object} [rollout]
 */

/** @type {readonly Contestant[]} */
export const JUDGES = [
  {
    name: 'evidence',
    title: 'evidenceJudge()',
    note: 'a look every 15 s, an interim check every second, five guardrails, 20 minutes of baseline before',
    make: judges.evidenceJudge && (() => judges.evidenceJudge()),
    needsHistory: true,
  },
  {
    name: 'guide',
    title: 'the guides’ rule, 60 s/100',
    note: '`thresholdJudge({ minSamples: 100 })` every 60 s on errors and mean latency, no warm-up',
    make: () => thresholdJudge({ minSamples: 100 }),
    guardrails: OF_THE_GUIDES,
    rollout: byTheMinute(planOf({})),
  },
  {
    name: 'threshold',
    title: 'thresholds, 15 s/1,000',
    note: '`thresholdJudge({ minSamples: 1_000 })` every 15 s on all five guardrails',
    make: () => thresholdJudge({ minSamples: 1_000 }),
    rollout: ALONE,
  },
  {
    name: 'welch',
    title: 'Welch t, 15 s',
    note: '`thresholdJudge({ test: welchTest() })` every 15 s on errors and mean latency',
    make: () => thresholdJudge({ test: welchTest() }),
    guardrails: OF_THE_GUIDES,
    rollout: ALONE,
  },
  {
    name: 'flagger',
    title: 'Flagger-like',
    note: 'success rate of at least 97 %, p99 of at most 1.5 times the usual 479 ms, every 60 s, five failed checks',
    make: () => flaggerJudge({ minSuccessRate: 97, maxDurationMs: 1.5 * p99Of(120) }),
    isAbsolute: true,
    rollout: byTheMinute(planOf({ minRequests: 0 })),
  },
  {
    name: 'kayenta',
    title: 'Kayenta-like',
    note: 'ten points of a minute for each step; errors, mean and p99 of the latency in equal parts, pass at 75',
    make: () => kayentaJudge(),
    rollout: byTheMinute(planOf({ minDurationMs: 600_000, minRequests: 0 })),
  },
  {
    name: 'growthbook',
    title: 'GrowthBook-like',
    note: 'errors and mean latency, a look every 60 s, steps of ten minutes',
    make: () => growthbookJudge(),
    rollout: byTheMinute(planOf({ minDurationMs: 600_000, minRequests: 0 })),
  },
]

/**
 * Returns the options of `createCanary` for one judge in one situation.
 *
 * @param {Contestant} judge
 * @param {import('./scenario.mjs').Scenario} scenario
 */
export function rolloutOf({ make, guardrails, rollout }, scenario) {
  const wanted = scenario.guardrails ?? USUAL.map(({ name }) => name)
  const isUsed = ({ name }) => wanted.includes(name) && (guardrails?.includes(name) ?? true)
  const plan = scenario.stepMs === undefined ? {} : { plan: planOf({ minDurationMs: scenario.stepMs }) }
  return { ...ROLLOUT, guardrails: [...USUAL, ...ASKED_FOR].filter(isUsed), ...rollout, ...plan, judge: make() }
}
