import type { Check } from '../analysis/judge.js'
import type { CanaryErrorCode } from '../errors.js'
import type { ByVariant, Versions } from '../vocabulary.js'
import { type Eta, etaOf } from './eta.js'
import type { Course } from './plan.js'
import type { Drift } from './ports.js'
import type { RolloutStatus, WaitingFor } from './state.js'
import type { Decision, StoredRollout } from './store.js'

/** How the event loop of this process does. */
export interface LoopFigures {
  /** 99 % of the looks found the event loop late by at most so many milliseconds. */
  readonly p99Ms: number
  /** The share of the time for which the event loop was busy, from 0 to 1. */
  readonly utilization: number
}

/** Where a rollout stands: plain JSON, for a person, a dashboard or a script. */
export interface Status {
  readonly name: string
  readonly versions: Versions
  readonly state: RolloutStatus
  /** The canary's share as decided, in percent. */
  readonly weight: number
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
  /** Default guardrails that the metrics source cannot answer: nothing is judged by them. */
  readonly leftOut: readonly string[]
  /** What each guardrail said at the last look. */
  readonly checks: readonly Check[]
  /** The latest decisions, oldest first. */
  readonly history: readonly Decision[]
  /** This process's event loop since the rollout is live here; `null` while none is, and where the host does not tell. */
  readonly loop: LoopFigures | null
  /** How often something of the library failed, by code. */
  readonly internalErrors: Readonly<Partial<Record<CanaryErrorCode, number>>>
}

/** A status from what is stored; `sinceMs` is the time that has counted since. */
export function statusOf(
  { name, versions, state, checks, history }: StoredRollout,
  course: Course,
  {
    judge,
    leftOut,
    internalErrors,
    drift,
    loop,
  }: Pick<Status, 'judge' | 'leftOut' | 'internalErrors' | 'drift' | 'loop'>,
  sinceMs: number,
): Status {
  const { status, weight, step, epoch, enabled, waitingFor, elapsedInStepMs, elapsedMs, requests, reason } = state
  const steps = course.steps.map(({ weight, minDurationMs, minRequests }) => ({ weight, minDurationMs, minRequests }))
  return {
    name,
    versions,
    state: status,
    weight,
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
    leftOut,
    checks,
    history,
    loop,
    internalErrors,
  }
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
  return `${where}${off}${drifted}${why}${told.length === 0 ? '' : ` ${capital(told.join('; '))}.`}${eta}${decision}`
}

const inWords = (ms: number): string =>
  ms < 120_000
    ? `${Math.round(ms / 1_000)} s`
    : ms < 7_200_000
      ? `${Math.round(ms / 60_000)} min`
      : `${Math.round(ms / 3_600_000)} h`

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
