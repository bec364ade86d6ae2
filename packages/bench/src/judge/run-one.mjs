import { seededRandom, simulate } from '@model-canary/testing'
import { rolloutOf } from './judges.mjs'
import { outcomeOf } from './outcome.mjs'
import { BAKE_WEIGHT, HORIZON_MS, PAST_MS } from './scenario.mjs'

/** Separates the random numbers of a scenario, such as which users have errors, from those of its traffic. */
const OWN_DRAWS = 2 ** 52

/**
 * Runs one rollout in virtual time, through the real `createCanary`.
 *
 * @param {import('./scenario.mjs').Scenario} scenario
 * @param {import('./judges.mjs').Contestant} judge
 * @param {number} seed
 * @returns {Promise<import('./outcome.mjs').Outcome>}
 */
export async function runOne(scenario, judge, seed) {
  const { canary, ...traffic } = scenario.traffic(seededRandom(OWN_DRAWS + seed))
  const meter = createMeter(canary, scenario.onset)
  const { status, elapsedMs } = await simulate({
    horizonMs: HORIZON_MS,
    beforeMs: PAST_MS,
    ...traffic,
    ...(judge.needsHistory ? {} : { beforeMs: 0 }), // without a history, the time before the start need not be simulated
    canary: meter.canary,
    rollout: rolloutOf(judge, scenario),
    seed,
  })
  return { ...outcomeOf(scenario, status, elapsedMs), ...meter.read() }
}

/** Counts the canary's requests, and those since the harm began, and notes when the bake began. */
function createMeter(canary, onset) {
  let exposed = 0
  let sinceOnset = 0
  let onsetMs
  let onsetWeight
  let bakeFromMs
  const hasBegun = ({ elapsedMs, weight }) =>
    onset.afterMs === undefined ? weight >= onset.fromWeight : elapsedMs >= onset.afterMs

  return {
    canary(context) {
      exposed += 1
      if (context.weight >= BAKE_WEIGHT) bakeFromMs ??= Math.round(context.elapsedMs)
      if (onset !== undefined && (onsetMs !== undefined || hasBegun(context))) {
        onsetMs ??= onset.afterMs ?? Math.round(context.elapsedMs)
        onsetWeight ??= context.weight
        sinceOnset += 1
      }
      return canary(context)
    },
    read: () => ({
      exposed,
      ...(onset && { sinceOnset }),
      ...(onsetMs !== undefined && { onsetMs, onsetWeight }),
      ...(bakeFromMs !== undefined && { bakeFromMs }),
    }),
  }
}
