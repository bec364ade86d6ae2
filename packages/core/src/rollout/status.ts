import type { Check } from '../analysis/judge.js'
import type { CanaryErrorCode } from '../errors.js'
import type { ByVariant, Versions } from '../vocabulary.js'
import { type Eta, etaOf } from './eta.js'
import type { Course } from './plan.js'
import type { Drift } from './ports.js'
import { isLive, type RolloutStatus, type WaitingFor } from './state.js'
import type { Decision, StoredRollout } from './store.js'

/** Where a rollout stands: plain JSON, for a person, a dashboard or a script. */
export interface Status {
  readonly name: string
  readonly versions: Versions
  readonly state: RolloutStatus
  /** The canary's share as decided, in percent. */
  readonly weight: number
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
  readonly steps: readonly { readonly weight: number; readonly minDurationMs: number; readonly minRequests: number }[]
  readonly epoch: number
  readonly mode: 'enforce' | 'observe'
  readonly enabled: boolean
  readonly waitingFor: WaitingFor | null
  readonly elapsedInStepMs: number
  readonly elapsedMs: number
  /** Finished requests of each arm in this step. */
  readonly requests: ByVariant<number>
  /** How long it still takes at the present traffic; `null` where that cannot be told. */
  readonly eta: Eta | null
  /** Why the rollout ended, once it has. */
  readonly reason: string | null
  readonly judge: string
  /** What each guardrail said at the last look. */
  readonly checks: readonly Check[]
  /** The latest decisions, oldest first. */
  readonly history: readonly Decision[]
  /** How often something of the library failed, by code. */
  readonly internalErrors: Readonly<Partial<Record<CanaryErrorCode, number>>>
}

/** The requests of a step: those that were split, and those that had no key to split them by. */
export interface Traffic {
  readonly requests: ByVariant<number>
  readonly withoutKey: number
}

/** A status from what is stored; `sinceMs` is the time that has counted since. */
export function statusOf(
  { name, versions, state, checks, history }: StoredRollout,
  course: Course,
  { judge, internalErrors, drift, traffic }: Known,
  sinceMs: number,
): Status {
  const { status, weight, step, epoch, enabled, waitingFor, elapsedInStepMs, elapsedMs, requests, reason } = state
  const steps = course.steps.map(({ weight, minDurationMs, minRequests }) => ({ weight, minDurationMs, minRequests }))
  return {
    name,
    versions,
    state: status,
    weight,
    share: isLive(state) ? shareOf(traffic?.requests ?? requests) : null,
    withoutKey: isLive(state) ? (traffic?.withoutKey ?? 0) : 0,
    drift,
    step,
    steps,
    epoch,
    mode: course.mode,
    enabled,
    waitingFor,
    elapsedInStepMs: elapsedInStepMs + sinceMs,
    elapsedMs: elapsedMs + sinceMs,
    requests,
    eta: etaOf({ ...state, elapsedInStepMs: elapsedInStepMs + sinceMs }, course, checks),
    reason,
    judge,
    checks,
    history,
    internalErrors,
  }
}

/** What is known besides what is stored. */
interface Known extends Pick<Status, 'judge' | 'internalErrors' | 'drift'> {
  readonly traffic: Traffic | undefined
}

function shareOf({ baseline, canary }: ByVariant<number>): number | null {
  const all = baseline + canary
  return all === 0 ? null : (100 * canary) / all
}

/** The same in two or three sentences. */
export function explainStatus(status: Status): string {
  const { name, versions, state, weight, step, steps, waitingFor, reason, checks, history } = status
  const where = `Rollout "${name}" of ${versions.canary} against ${versions.baseline} is ${state} at ${weight} %, step ${step} of ${steps.length}.`
  const why = reason === null ? (waitingFor === null ? '' : ` It waits for ${waitingFor}.`) : ` Reason: ${reason}.`
  const told = checks
    .filter(({ outcome }) => outcome !== 'held')
    .map(({ guardrail, outcome, reason }) => `${guardrail} is ${outcome} (${reason})`)
  const last = history.at(-1)
  const decision = last === undefined || reason !== null ? '' : ` Last decision: ${last.action}, ${last.reason}.`
  const eta =
    status.eta === null
      ? ''
      : ` At the present traffic the next step is ${inWords(status.eta.stepMs)} away, and 100 % ${inWords(status.eta.promotionMs)}.`
  const drifted = status.drift === null ? '' : ` ${status.drift.message}`
  const off = status.enabled ? '' : ' It is switched off: every request goes to the baseline.'
  return `${where}${off}${drifted}${why}${told.length === 0 ? '' : ` ${told.join('; ')}.`}${eta}${decision}`
}

const inWords = (ms: number): string =>
  ms < 120_000
    ? `${Math.round(ms / 1_000)} s`
    : ms < 7_200_000
      ? `${Math.round(ms / 60_000)} min`
      : `${Math.round(ms / 3_600_000)} h`
