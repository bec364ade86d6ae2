import { setImmediate } from 'node:timers/promises'
import { createCanary, linearPlan } from '@model-canary/core'

/** The name of the canaries of all benches. */
export const VERSIONS = { baseline: 'v1', canary: 'v2' }

const AN_HOUR_MS = 3_600_000

/**
 * Creates a canary that stays at 10 %.
 *
 * @param {import('@model-canary/core').Strategy | Promise<import('@model-canary/core').Strategy>} [strategy]
 * @param {{ clock?: import('@model-canary/core').Clock, logger?: false }} [surroundings]
 */
export async function startedCanary(strategy, surroundings = {}) {
  const canary = createCanary({
    name: 'bench',
    versions: VERSIONS,
    plan: linearPlan([10, 100], { minDurationMs: AN_HOUR_MS }),
    warmUp: { durationMs: 0 },
    ...surroundings,
    ...(strategy === undefined ? {} : { strategy }),
  })
  await canary.start()
  while (canary.status().state === 'warming') await setImmediate()
  const { weight } = canary.status()
  if (weight !== 10) throw new Error(`the canary has ${weight} % of the traffic instead of 10 %`)
  return canary
}
