import type { Check, Missing } from '../judging/judge.js'
import type { Course } from './course.js'
import { ENOUGH_WITHOUT_KEY } from './missing-keys.js'
import { requirements } from './requirements.js'
import { phaseOf, type RolloutState, type WaitingFor } from './state.js'

/** One condition that a step waits for: how much there is, and how much is needed. */
export interface Wait {
  /** The kind of condition. */
  readonly for: WaitingFor
  /** What is counted, such as `ms in the step`, `canary requests` or `evidence of errorRate`. */
  readonly what: string
  /** How much there is. */
  readonly have: number
  /** How much is needed. */
  readonly need: number
}

/**
 * Returns all conditions that the step still waits for, in the order of their checks; empty if the rollout is paused or
 * not live. An outage, a wrong split or heavy users are not in the list: `explain` says that they hold the step.
 *
 * @param withoutKey requests of this step without a usable key; enough of them show that the key is missing
 */
export function waitsOf(
  state: RolloutState,
  course: Course,
  checks: readonly Check[],
  missing: readonly Missing[],
  withoutKey = 0,
): readonly Wait[] {
  if (!['warming', 'progressing', 'baking'].includes(state.state)) return []
  const { minDurationMs, minRequests, gate } = requirements(state, course)
  const { requests, elapsedInStepMs } = state
  const alone = state.weight === 100 || phaseOf(state) === 'warm-up'
  const open = alone ? [] : checks.filter(({ outcome, severity }) => outcome === 'undecided' && severity !== 'observe')
  const keyed = requests.baseline + requests.canary
  const waits: readonly Wait[] = [
    { for: 'data', what: 'requests with a key', have: keyed, need: withoutKey < ENOUGH_WITHOUT_KEY ? 0 : 1 },
    { for: 'data', what: 'canary requests', have: requests.canary, need: 1 },
    { for: 'time', what: 'ms in the step', have: elapsedInStepMs, need: minDurationMs },
    { for: 'requests', what: 'canary requests', have: requests.canary, need: minRequests },
    { for: 'requests', what: 'baseline requests', have: requests.baseline, need: alone ? 0 : minRequests },
    ...missing.map(({ what, have, need }) => ({ for: 'evidence' as const, what, have, need })),
    ...open.map(({ guardrail, evidence }) => ({
      for: 'evidence' as const,
      what: `evidence of ${guardrail}`,
      have: evidence?.safety.now ?? 0,
      need: evidence?.safety.needed ?? 0,
    })),
  ]
  const unmet = waits.filter(({ have, need }) => have < need)
  return gate === undefined ? unmet : [...unmet, { for: 'gate', what: 'yes of the gate', have: 0, need: 1 }]
}
