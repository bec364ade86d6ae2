import type { Verdict } from '../judging/judge.js'
import { type CountedKeys, describeMissingKeys } from './missing-keys.js'
import type { RolloutState, WaitingFor } from './state.js'
import type { InForce } from './status.js'
import type { StoredRollout } from './stored-rollout.js'
import { dateAndTimeOf } from './wall-time.js'

/** Returns the sentences of the guardrails that were breached. */
export function describeBreach({ checks }: Verdict): string {
  const breached = checks.filter(({ outcome, severity }) => outcome === 'breached' && severity !== 'observe')
  return breached.map(({ guardrail, reason }) => `${guardrail}: ${reason}`).join('; ') || 'the judge gave no reason'
}

/** Returns which weight is in force. */
export const describeInForce = (inForce: InForce | null): string =>
  inForce === null ? 'the weight in force is unknown' : `${inForce.weight} % is in force`

/** Returns why a step passed. */
export function describePass({ requests }: RolloutState, { checks, kind }: Verdict): string {
  if (kind !== 'pass') return `${requests.canary} canary requests and no breach`
  const held = checks.filter(({ outcome }) => outcome === 'held').length
  const guardrails = held === 1 ? 'the guardrail' : `all ${held} guardrails`
  return `${guardrails} held over ${requests.canary} canary and ${requests.baseline} baseline requests`
}

/** What is known of a step in which a version has finished no request. */
export interface KnownAbsence {
  /** Requests of this step without a usable key. */
  readonly withoutKey: number
  /** Why a version has finished no request, where the counts show it. */
  readonly unserved: string | undefined
}

/** Returns why a rollout is held. */
export function describeHold(
  state: RolloutState,
  waitingFor: WaitingFor | null,
  verdict: Verdict,
  absence: KnownAbsence,
): string {
  if (verdict.kind === 'error') return verdict.message ?? 'the metrics source failed'
  if (verdict.kind === 'fail') return `held by ${describeBreach(verdict)}`
  if (!state.enabled) return 'switched off'
  if (state.state === 'paused') {
    const untilMs = state.pause.untilMs ?? null
    return untilMs === null ? 'paused' : `paused until ${dateAndTimeOf(untilMs)} UTC`
  }
  if (waitingFor === 'gate') return `the gate of step ${state.step} is closed`
  if (verdict.message !== undefined) return verdict.message
  if (waitingFor === 'data')
    return state.requests.canary > 0 ? describeEnd(state) : describeMissing({ ...state, ...absence }, 'the canary')
  if (isBaselineUnserved(state, waitingFor, absence)) return `waiting for requests: ${absence.unserved}`
  if (waitingFor === 'evidence' && verdict.waitingFor !== undefined) return `waiting for ${verdict.waitingFor}`
  const open = verdict.checks.find(({ outcome, severity }) => outcome === 'undecided' && severity !== 'observe')
  const wait = `waiting for ${waitingFor ?? 'the next look'}`
  return waitingFor === 'evidence' && open !== undefined ? `${wait}: ${open.guardrail}, ${open.reason}` : wait
}

/** Returns whether a step waits for the first request of the baseline, and it is known why there is none. */
export const isBaselineUnserved = (
  { requests }: RolloutState,
  waitingFor: WaitingFor | null,
  { unserved }: Pick<KnownAbsence, 'unserved'>,
): boolean => waitingFor === 'requests' && requests.baseline === 0 && unserved !== undefined

/** Returns the sentence about a canary whose requests have stopped during a step. */
function describeEnd({ requests, arrivals }: RolloutState): string {
  const seconds = Math.round((arrivals.watchedMs - arrivals.lastMs) / 1_000)
  const gone = `no new request of the canary for ${seconds} s`
  const since = requests.baseline - arrivals.baseline
  if (since > 0) return `${gone}, while the baseline finished ${since}: is the canary still reached?`
  return `${gone}, nor of the baseline: has the traffic ended?`
}

/** Returns the sentence about a canary that serves no requests although its baseline does. */
export function describeSilence(
  { weight, requests }: RolloutState,
  missed: number,
  quietMs: number,
  unserved: string | undefined,
): string {
  const gone = `no finished request of the canary for ${Math.floor(quietMs / 60_000)} min`
  if (requests.canary === 0 && unserved !== undefined) return `${gone}: ${unserved}`
  return `${gone}, where its ${weight} % should have brought about ${missed}: is it deployed and reached?`
}

/** How long a step may be without requests before a sentence says so, in milliseconds. */
export const PATIENCE_MS = 120_000

/** Returns why `start()` has no effect: the version was rolled back. `undefined` if it was not. */
export function describeEnded({ state, versions }: Pick<StoredRollout, 'state' | 'versions'>): string | undefined {
  if (state.state !== 'rolled-back') return undefined
  const why = state.reason === null ? '' : ` (${state.reason})`
  return `start() begins nothing: ${versions.canary} was rolled back in epoch ${state.epoch}${why}; retry() tries it again`
}

/** Returns what is missing in a step that waits for data. `who` names the canary; `since` says since when, if known. */
export function describeMissing(
  {
    weight,
    elapsedInStepMs,
    requests,
    withoutKey,
    unserved,
  }: Pick<RolloutState, 'weight' | 'elapsedInStepMs'> & CountedKeys & KnownAbsence,
  who: string,
  since = '',
): string {
  if (weight === 0) return 'the canary is not warm anywhere yet'
  const keys = describeMissingKeys({ withoutKey, requests })
  const why = keys === undefined ? '' : `: ${keys}`
  if (elapsedInStepMs < PATIENCE_MS) return `no finished request of the canary yet${why}`
  const minutes = Math.floor(elapsedInStepMs / 60_000)
  const { baseline } = requests
  const missed = `no finished request of the canary${since}, ${minutes} min`
  if (keys !== undefined) return `${missed}${why}`
  if (unserved !== undefined) return `${missed}: ${unserved}`
  if (baseline === 0) return `${missed}, nor of the baseline: does traffic come this way?`
  return `${missed}, while the baseline finished ${baseline}: is ${who} deployed and reached?`
}

/** Returns the sentence about a rollout that takes too long. */
export function describeStall({ elapsedMs, waitingFor }: Pick<RolloutState, 'elapsedMs' | 'waitingFor'>): string {
  return `not promoted after ${Math.round(elapsedMs / 1_000)} s, waiting for ${waitingFor ?? 'nothing'}`
}
