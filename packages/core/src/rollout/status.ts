import type { CanaryErrorCode } from '../foundation/errors.js'
import type { ByVariant, ModelErrors, Versions } from '../foundation/vocabulary.js'
import type { Check, Missing } from '../judging/judge.js'
import type { Course } from './course.js'
import type { Decision } from './decision.js'
import { type Eta, etaOf } from './eta.js'
import type { Drift } from './ports.js'
import { isLive, type RolloutState, type RolloutStateName, type WaitingFor } from './state.js'
import type { StoredRollout } from './store.js'
import { type Wait, waitsOf } from './waits.js'

/** The canary's share that is in force, in percent, and since when, as wall time in milliseconds since 1970. */
export interface InForce {
  /** The canary's share, in percent. */
  readonly weight: number
  /** When it came into force, as wall time in milliseconds since 1970. */
  readonly since: number
}

/** What keeps the decided weight from being in force, or the rollout from moving. */
export interface HeldBy {
  /** What keeps the weight in force apart from the decided one. */
  readonly by: 'target' | 'store' | 'drift'
  /** What the target or the store failed with; `null` for drift. */
  readonly code: CanaryErrorCode | null
}

/** How the event loop of this process does. */
export interface LoopFigures {
  /** 99 % of the looks found the event loop late by at most so many milliseconds. */
  readonly p99Ms: number
  /** The share of the time for which the event loop was busy, from 0 to 1. */
  readonly utilization: number
}

/** Where a rollout stands: plain JSON, for a person, a dashboard or a script. */
export interface Status {
  /** The name of the rollout. */
  readonly name: string
  /** The names of the two versions. */
  readonly versions: Versions
  /** Where the rollout stands. */
  readonly state: RolloutStateName
  /** The canary's share as decided, in percent. */
  readonly weight: number
  /** What is in force, as far as it is known: at the target, or without one in this process. `null` where it is not. */
  readonly inForce: InForce | null
  /** What keeps the two apart, or the rollout from moving: `null` where nothing outside of it does. */
  readonly heldBy: HeldBy | null
  /**
   * The canary's real share of the requests that were split in this step, in percent; `null` while none was. It differs
   * from the weight by chance, or because users are split and some of them send many requests.
   */
  readonly share: number | null
  /** Requests of this step whose key was missing or none, where the strategy needs one. They are no evidence. */
  readonly withoutKey: number
  /** What somebody else made of it at the target; `null` where nothing is known of that. */
  readonly drift: Drift | null
  /** 0 is the warm-up, 1 the plan's first step. */
  readonly step: number
  /** How many steps the plan has. */
  readonly steps: readonly { readonly weight: number; readonly minDurationMs: number; readonly minRequests: number }[]
  /** The number of the rollout, from 1. 0 before the first. */
  readonly epoch: number
  /** Whether decisions are applied, or only observed. */
  readonly mode: 'enforce' | 'observe'
  /** False while the kill switch keeps all traffic on the baseline. */
  readonly enabled: boolean
  /** What the rollout waits for; `null` where it waits for nothing. */
  readonly waitingFor: WaitingFor | null
  /** Everything that the step waits for, with what there is of it and what it takes. */
  readonly waits: readonly Wait[]
  /** Time in the step, in milliseconds. Time in which no look was possible is not counted. */
  readonly elapsedInStepMs: number
  /** Time since the start, in milliseconds. */
  readonly elapsedMs: number
  /** Finished requests of each arm in this step. */
  readonly requests: ByVariant<number>
  /** How long it still takes at the present traffic; `null` where that cannot be told, and where nothing moves. */
  readonly eta: Eta | null
  /** Why the rollout ended, once it has. */
  readonly reason: string | null
  /** The name of the judge. */
  readonly judge: string
  /** Default guardrails that the metrics source cannot answer: nothing is judged by them. */
  readonly leftOut: readonly string[]
  /** What the metrics source says of its counts, such as how late they come: a sentence each. */
  readonly notes: readonly string[]
  /** What each guardrail said at the last look. */
  readonly checks: readonly Check[]
  /** The latest decisions, oldest first. */
  readonly history: readonly Decision[]
  /** This process's event loop since the rollout is live here; `null` while none is, and where the host does not tell. */
  readonly loop: LoopFigures | null
  /** The latest distinct errors of the models in this process, latest first: messages only, without a stack. */
  readonly errors: ModelErrors
  /** How often something of the library failed, by code. */
  readonly internalErrors: Readonly<Partial<Record<CanaryErrorCode, number>>>
}

/** The requests of a step: those that were split, and those that had no key to split them by. */
export interface Traffic {
  readonly requests: ByVariant<number>
  readonly withoutKey: number
}

/** What holds a rollout from outside: a target that refuses goes before drift, and drift before the store. */
export function heldByOf(
  refusal: CanaryErrorCode | null,
  drift: Drift | null,
  storeDownBy: CanaryErrorCode | null,
): HeldBy | null {
  if (refusal !== null) return { by: 'target', code: refusal }
  if (drift !== null) return { by: 'drift', code: null }
  return storeDownBy === null ? null : { by: 'store', code: storeDownBy }
}

/** What a status says besides what is stored. */
export interface Surroundings
  extends Pick<
    Status,
    'judge' | 'leftOut' | 'notes' | 'errors' | 'internalErrors' | 'inForce' | 'heldBy' | 'drift' | 'loop'
  > {
  readonly traffic: Traffic | undefined
}

/** A status from what is stored; `sinceMs` is the time that has counted since. */
export function statusOf(
  { name, versions, state, checks, history }: StoredRollout,
  course: Course,
  { judge, leftOut, notes, errors, internalErrors, inForce, heldBy, drift, loop, traffic }: Surroundings,
  sinceMs: number,
): Status {
  const {
    state: stateName,
    weight,
    step,
    epoch,
    enabled,
    waitingFor,
    elapsedInStepMs,
    elapsedMs,
    requests,
    reason,
  } = state
  const steps = course.steps.map(({ weight, minDurationMs, minRequests }) => ({ weight, minDurationMs, minRequests }))
  const now = { ...state, elapsedInStepMs: elapsedInStepMs + sinceMs }
  const missing = missingIn(history.at(-1), state)
  const isHeld = heldBy !== null || !enabled || course.mode === 'observe'
  return {
    name,
    versions,
    state: stateName,
    weight,
    inForce,
    heldBy,
    share: isLive(state) ? shareOf(traffic?.requests ?? requests) : null,
    withoutKey: isLive(state) ? (traffic?.withoutKey ?? 0) : 0,
    drift,
    step,
    steps,
    epoch,
    mode: course.mode,
    enabled,
    waitingFor,
    waits: waitsOf(now, course, checks, missing),
    elapsedInStepMs: now.elapsedInStepMs,
    elapsedMs: elapsedMs + sinceMs,
    requests,
    eta: isHeld ? null : etaOf(now, course, checks, missing),
    reason,
    judge,
    leftOut,
    notes,
    checks,
    history,
    errors,
    loop,
    internalErrors,
  }
}

/** What the judge waited for at the last look at this step. */
function missingIn(latest: Decision | undefined, { epoch, step }: RolloutState): readonly Missing[] {
  return latest?.epoch === epoch && latest.now.step === step ? (latest.verdict?.missing ?? []) : []
}

function shareOf({ baseline, canary }: ByVariant<number>): number | null {
  const all = baseline + canary
  return all === 0 ? null : (100 * canary) / all
}
