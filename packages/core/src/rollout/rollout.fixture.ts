import type { Decide } from '../controller/forced-changes.js'
import type { ByVariant } from '../foundation/vocabulary.js'
import { arm } from '../guardrails/arm.fixture.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import type { Check, Verdict } from '../judging/judge.js'
import { emptySummary, type Summary } from '../summaries/summary.js'
import { type Course, resolveCourse } from './course.js'
import type { Decision } from './decision.js'
import type { Effect, RolloutEvent } from './event.js'
import { linearPlan } from './plan.js'
import { idleState, isLive, type RolloutState, type RunningState } from './state.js'
import type { StoredRollout } from './stored-rollout.js'
import { transition } from './transition.js'

/** Three steps of a minute and ten requests each, a warm-up of half a minute, and a minute of baking. */
export const course: Course = resolveCourse({
  plan: linearPlan([10, 50, 100], { minDurationMs: 60_000, minRequests: 10 }),
  warmUp: { weight: 2, durationMs: 30_000 },
})

/** A change by an event, as the controller makes it. */
export const by =
  (event: RolloutEvent): Decide =>
  (rollout) => {
    const [state] = transition(rollout.state, event, course)
    return state === rollout.state ? undefined : { ...rollout, state }
  }

/** A breached guardrail, as a judge reports it. */
export const breach: Check = {
  guardrail: 'errorRate',
  severity: 'rollback',
  outcome: 'breached',
  rule: 'margin',
  baseline: 0.01,
  canary: 0.2,
  difference: 0.19,
  margin: 0.02,
  limit: null,
  samples: { baseline: 100, canary: 100 },
  reason: '20 % against 1 %',
}

/** A look at this state with this outcome, after so long, with so many requests of each arm. */
export function looked(
  { epoch, step }: Pick<RolloutState, 'epoch' | 'step'>,
  kind: Verdict['kind'],
  {
    sinceMs = 60_000,
    requests = 10,
    response,
  }: { sinceMs?: number; requests?: number; response?: Verdict['response'] } = {},
): RolloutEvent {
  const checks = kind === 'fail' ? [breach] : []
  const verdict: Verdict = { kind, epoch, step, checks, ...(response && { response }) }
  return { type: 'analyzed', sinceMs, verdict, requests: { baseline: requests, canary: requests } }
}

/** The state after these events, each made for the state before it. */
export function after(
  events: readonly (RolloutEvent | ((state: RolloutState) => RolloutEvent))[],
  from: RolloutState = idleState,
  by: Course = course,
): RolloutState {
  return events.reduce(
    (state, event) => transition(state, typeof event === 'function' ? event(state) : event, by)[0],
    from,
  )
}

/** The same state, which has to be one that runs. */
export function running(state: RolloutState): RunningState {
  if (!isLive(state) || state.state === 'paused') throw new Error(`it is ${state.state}`)
  return state
}

/** A passing look with everything that the step asks for. */
export const passed = (state: RolloutState): RolloutEvent => looked(state, 'pass')

/** What was decided, in one word each. */
export const actionsOf = (effects: readonly Effect[]): readonly string[] =>
  effects.flatMap((effect) => (effect.type === 'decided' ? [effect.action] : []))

/** What a source has counted: so many requests of each arm, and so many errors of the canary. */
export function counted(requests: number, canaryErrors = 0): ByVariant<Summary> {
  return { baseline: arm({ requests }), canary: arm({ requests, errors: canaryErrors }) }
}

/** Nothing counted in either arm. */
export const nothing: ByVariant<Summary> = { baseline: emptySummary(), canary: emptySummary() }

/** A stored rollout of v2 against v1 under {@link course}. */
export function stored(change: Partial<StoredRollout> = {}): StoredRollout {
  return {
    schema: 1,
    tag: 'a.1',
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    weights: [10, 50, 100],
    revision: 0,
    decided: 0,
    fence: 0,
    config: '',
    savedAt: 0,
    openedAt: 0,
    state: idleState,
    guardrails: [errorRate({ margin: 0.02 })],
    evidence: null,
    calibration: {},
    cumulative: null,
    checks: [],
    history: [],
    turns: [],
    ...change,
  }
}

/** A decision that holds step 1, without the number and the time that a history gives it. */
export const heldDecision: Omit<Decision, 'sequence' | 'at'> = {
  action: 'hold',
  applied: true,
  reason: 'because',
  actor: 'judge',
  epoch: 1,
  step: 1,
  weight: 10,
  elapsedInStepMs: 0,
  requests: { baseline: 1, canary: 1 },
  now: { state: 'progressing', step: 1, weight: 10, waitingFor: null },
  verdict: null,
}
