import type { CanaryErrorCode } from '../foundation/errors.js'
import type { ByVariant, ModelErrors, Versions } from '../foundation/vocabulary.js'
import type { Check, Missing, Verdict } from '../judging/judge.js'
import type { Course } from './course.js'
import type { Decision } from './decision.js'
import { type Eta, etaOf } from './eta.js'
import type { FleetMembers } from './fleet-members.js'
import type { Drift } from './ports.js'
import { isLive, type RolloutState, type RolloutStateName, type WaitingFor } from './state.js'
import type { StoredRollout } from './stored-rollout.js'
import { type Wait, waitsOf } from './waits.js'

/** The canary's share that is in force, in percent, and since when, as wall time in milliseconds since 1970. */
export interface InForce {
  /** The canary's share, in percent. */
  readonly weight: number
  /** When it came into force, as wall time in milliseconds since 1970. */
  readonly since: number
}

/** What keeps the decided weight from coming into force, or the rollout from moving. */
export interface HeldBy {
  /** Which part it is. */
  readonly by: 'target' | 'store' | 'drift'
  /** What the target or the store failed with; `null` for drift. */
  readonly code: CanaryErrorCode | null
}

/** How busy the event loop of this process is. */
export interface LoopFigures {
  /** The 99th percentile of the event loop's delay, in milliseconds. */
  readonly p99Ms: number
  /** The share of the time for which the event loop was busy, from 0 to 1. */
  readonly utilization: number
}

/** The latest decision, without what the judge said of each guardrail. `history()` returns it with everything. */
export interface LatestDecision
  extends Pick<Decision, 'sequence' | 'at' | 'action' | 'applied' | 'reason' | 'actor' | 'requests'> {
  /** What the judge said in one word; `null` for a verb. */
  readonly verdict: Verdict['kind'] | null
}

/** The present status of a rollout: small, plain JSON, for a person, a dashboard or a script. */
export interface Status {
  /** The name of the rollout. */
  readonly name: string
  /** The id of the process that says this, among all that run the rollout: another one after each restart. */
  readonly instance: string
  /** The names of the two versions. */
  readonly versions: Versions
  /** Where the rollout stands. */
  readonly state: RolloutStateName
  /** The canary's share as decided, in percent. */
  readonly weight: number
  /** The weight in force at the target, or in this process if there is no target; `null` if it is not known. */
  readonly inForce: InForce | null
  /** What outside of the rollout keeps the decided weight from coming into force; `null` if nothing does. */
  readonly heldBy: HeldBy | null
  /**
   * The canary's real share of the requests that were split in this step, in percent, as of now; `null` before the
   * first. It differs from the weight by chance, or because users are split and some of them send many requests.
   */
  readonly share: number | null
  /** Requests of this step without a usable key, if the strategy needs one, as of now. They are no evidence. */
  readonly withoutKey: number
  /** The change of the weight at the target from outside; `null` if no such change is known. */
  readonly drift: Drift | null
  /** 0 is the warm-up, 1 the plan's first step. */
  readonly step: number
  /** The steps of the plan. */
  readonly steps: readonly { readonly weight: number; readonly minDurationMs: number; readonly minRequests: number }[]
  /** The number of the rollout, from 1. 0 before the first. */
  readonly epoch: number
  /** Whether decisions are applied, or only observed. */
  readonly mode: 'enforce' | 'observe'
  /** False while the kill switch keeps all traffic on the baseline. */
  readonly enabled: boolean
  /** What the rollout waited for at the last look; `null` if it waited for nothing. */
  readonly waitingFor: WaitingFor | null
  /** Everything that the step waits for now, with how much there is of it and how much it takes. */
  readonly waits: readonly Wait[]
  /** Time in the step, in milliseconds. Time during which no look was possible is not counted. */
  readonly elapsedInStepMs: number
  /** Time since the start, in milliseconds. */
  readonly elapsedMs: number
  /**
   * Finished requests of each arm in this step: as of now if they are counted in this process, and as of the last look
   * if they are counted elsewhere.
   */
  readonly requests: ByVariant<number>
  /** How long it still takes at the present traffic; `null` if that is not known, or if nothing moves. */
  readonly eta: Eta | null
  /** Why the rollout ended; `null` before its end. */
  readonly reason: string | null
  /** The name of the judge. */
  readonly judge: string
  /** The names of default guardrails that are not judged because the metrics source cannot answer them. */
  readonly leftOut: readonly string[]
  /** What the metrics source says about its counts, such as how late they come: one sentence each. */
  readonly notes: readonly string[]
  /** What each guardrail said at the last look. */
  readonly checks: readonly Check[]
  /** The latest decision; `null` before the first. `history()` returns all that are kept. */
  readonly lastDecision: LatestDecision | null
  /** The event loop of this process since the rollout became live here; `null` if none is live, or it is not known. */
  readonly loop: LoopFigures | null
  /**
   * The latest distinct errors of the models in this process, latest first: messages only, without a stack. Those of the
   * canary are of this rollout.
   */
  readonly errors: ModelErrors
  /** The processes that share the rollout; `null` if the store is not shared, or has not answered yet. */
  readonly members: FleetMembers | null
  /** How often something in the library failed, by code. */
  readonly internalErrors: Readonly<Partial<Record<CanaryErrorCode, number>>>
}

/** The requests of the present step, as of now. */
export interface StepCounts {
  /** Finished requests of each arm. */
  readonly requests: ByVariant<number>
  /** Requests of each arm that were split, including pending ones; `undefined` if this process does not count them. */
  readonly split?: ByVariant<number> | undefined
}

/** Returns what holds a rollout from outside: a target that refuses comes before drift, and drift before the store. */
export function heldByOf(
  refusal: CanaryErrorCode | null,
  drift: Drift | null,
  storeDownBy: CanaryErrorCode | null,
): HeldBy | null {
  if (refusal !== null) return { by: 'target', code: refusal }
  if (drift !== null) return { by: 'drift', code: null }
  return storeDownBy === null ? null : { by: 'store', code: storeDownBy }
}

/** The parts of a status that are not stored. */
export interface Surroundings
  extends Pick<
    Status,
    | 'instance'
    | 'members'
    | 'judge'
    | 'leftOut'
    | 'notes'
    | 'errors'
    | 'internalErrors'
    | 'inForce'
    | 'heldBy'
    | 'drift'
    | 'loop'
    | 'withoutKey'
  > {
  readonly counts: StepCounts
}

/** Returns a status from the stored rollout and the present values; `sinceMs` is the time in the step since then. */
export function statusOf(
  { name, versions, state, checks, history }: StoredRollout,
  course: Course,
  {
    instance,
    members,
    judge,
    leftOut,
    notes,
    errors,
    internalErrors,
    inForce,
    heldBy,
    drift,
    loop,
    withoutKey,
    counts,
  }: Surroundings,
  sinceMs: number,
): Status {
  const { weight, step, epoch, enabled, waitingFor, elapsedInStepMs, elapsedMs, reason } = state
  const { requests, split = requests } = counts
  const steps = course.steps.map(({ weight, minDurationMs, minRequests }) => ({ weight, minDurationMs, minRequests }))
  const now = { ...state, elapsedInStepMs: elapsedInStepMs + sinceMs, requests }
  const missing = missingIn(history.at(-1), state)
  const isHeld = heldBy !== null || !enabled || course.mode === 'observe'
  return {
    name,
    instance,
    versions,
    state: state.state,
    weight,
    inForce,
    heldBy,
    share: isLive(state) ? shareOf(split) : null,
    withoutKey: isLive(state) ? withoutKey : 0,
    drift,
    step,
    steps,
    epoch,
    mode: course.mode,
    enabled,
    waitingFor,
    waits: waitsOf(now, course, checks, missing, withoutKey),
    elapsedInStepMs: now.elapsedInStepMs,
    elapsedMs: elapsedMs + sinceMs,
    requests,
    eta: isHeld ? null : etaOf(now, course, checks, missing),
    reason,
    judge,
    leftOut,
    notes,
    checks,
    lastDecision: latestOf(history.at(-1)),
    errors,
    loop,
    members,
    internalErrors,
  }
}

function latestOf(decision: Decision | undefined): LatestDecision | null {
  if (decision === undefined) return null
  const { sequence, at, action, applied, reason, actor, requests, verdict } = decision
  return { sequence, at, action, applied, reason, actor, requests, verdict: verdict?.kind ?? null }
}

/** Returns what the judge waited for at the last look at this step. */
function missingIn(latest: Decision | undefined, { epoch, step }: RolloutState): readonly Missing[] {
  return latest?.epoch === epoch && latest.now.step === step ? (latest.verdict?.missing ?? []) : []
}

/** Returns the canary's share in percent; `null` without requests. */
function shareOf({ baseline, canary }: ByVariant<number>): number | null {
  const all = baseline + canary
  return all === 0 ? null : (100 * canary) / all
}
