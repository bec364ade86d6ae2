import { linearPlan, type Step } from '@model-canary/core'
import { type Behaviour, type SimulateOptions, simulate, userKeys } from '@model-canary/testing'
import type { RolloutInFile } from '../rollout-file/rollout-file.js'
import type { Traffic } from './traffic.js'

/** One kind of canary that is simulated many times. */
export interface Scenario {
  /** What the canary is like, such as `as good`. */
  readonly name: string
  /** What `simulate` takes, without the seed. */
  readonly options: Omit<SimulateOptions, 'seed'>
}

/** Returns the scenarios of a plan: a canary that is as good, one that is worse, and the one of the file. */
export function scenariosOf(rollout: RolloutInFile, traffic: Traffic): readonly Scenario[] {
  const { requestsPerSecond, users, baseline, canary, worse, beforeMs, horizonMs } = traffic
  const errorRate = Math.min(1, (baseline.errorRate ?? 0) + worse)
  const canaries: readonly (readonly [name: string, canary: Behaviour])[] = [
    ['as good', baseline],
    [`${Number((worse * 100).toPrecision(6))} points worse`, { ...baseline, errorRate }],
    ...(canary === undefined ? [] : [['as given', canary] as const]),
  ]
  const keyOf = userKeys({ users })
  return canaries.map(([name, behaviour]) => ({
    name,
    options: {
      requestsPerSecond,
      baseline,
      canary: behaviour,
      keyOf,
      beforeMs,
      horizonMs,
      rollout: withoutGates(rollout),
    },
  }))
}

/** Nobody opens a gate in a simulation, so each is open. */
export function withoutGates(rollout: RolloutInFile): RolloutInFile {
  const { plan } = rollout
  if (plan === undefined) return rollout
  const { steps } = 'steps' in plan ? plan : linearPlan(plan)
  return { ...rollout, plan: { steps: steps.map(({ gate: _, gateTimeoutMs: __, ...step }): Step => step) } }
}

/** Returns whether a plan has a gate. */
export const hasGate = ({ plan }: RolloutInFile): boolean =>
  plan !== undefined && 'steps' in plan && plan.steps.some(({ gate }) => gate !== undefined)

/** Simulates no time at all, which refuses what a simulation cannot use. Rejects with a `CanaryError`. */
export async function checkScenarios(scenarios: readonly Scenario[]): Promise<void> {
  for (const { options } of scenarios) await simulate({ ...options, requestsPerSecond: 0, beforeMs: 0, horizonMs: 0 })
}
