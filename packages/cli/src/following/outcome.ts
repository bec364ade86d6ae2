import type { StatusView } from '../connection/status-view.js'
import { EXIT, type ExitCode } from '../exit-codes.js'

/** What is waited for. */
export interface Awaited {
  /** The version that is rolled out; any if left out. */
  readonly canary?: string
  /** Whether a pause or a hold ends the wait. */
  readonly failOnHold: boolean
}

/** Where a wait stands. */
export interface WaitState {
  /** The epoch that is waited for; `undefined` before the awaited rollout was seen. */
  readonly epoch: number | undefined
  /** Since when the rollout is held, on the clock's `elapsed` scale; `undefined` if it is not. */
  readonly heldSinceMs: number | undefined
}

/** A wait that has just begun. */
export const BEGINNING: WaitState = { epoch: undefined, heldSinceMs: undefined }

/** How a wait ends, and why. */
export interface WaitEnd {
  readonly code: ExitCode
  readonly why: string
}

/** How long a hold from outside has to last: a store that is away for a moment holds a rollout as well. */
export const HOLD_MS = 30_000

/** Takes in a status. Returns where the wait stands then, and how it ends if it does. */
export function takeStatus(
  view: StatusView,
  state: WaitState,
  awaited: Awaited,
  nowMs: number,
): readonly [state: WaitState, end: WaitEnd | undefined] {
  const isOther = awaited.canary !== undefined && view.canary !== awaited.canary
  if (isOther && state.epoch === undefined) return [state, undefined] // the new version has not come up yet
  const hold = holdOf(view)
  const heldSinceMs = hold === undefined ? undefined : (state.heldSinceMs ?? nowMs)
  const next: WaitState = { epoch: view.epoch, heldSinceMs }
  const hasMoved = state.epoch !== undefined && state.epoch > 0 && view.epoch !== state.epoch
  if (isOther || hasMoved) return [next, { code: EXIT.movedOn, why: `another rollout has begun: ${placeOf(view)}` }]
  if (view.state === 'promoted') return [next, { code: EXIT.done, why: `promoted: ${view.canary}` }]
  if (view.state === 'rolled-back')
    return [next, { code: EXIT.rolledBack, why: `rolled back: ${view.reason ?? 'no reason is given'}` }]
  if (!awaited.failOnHold || hold === undefined) return [next, undefined]
  const isLong = hold.isDecided || nowMs - (heldSinceMs ?? nowMs) >= HOLD_MS
  return [next, isLong ? { code: EXIT.held, why: hold.why } : undefined]
}

interface Hold {
  readonly why: string
  /** Whether a person decided it, so that it does not pass by itself. */
  readonly isDecided: boolean
}

/** Returns what holds a rollout; `undefined` if nothing does. */
function holdOf({ state, isEnabled, heldBy, checks }: StatusView): Hold | undefined {
  if (state === 'paused') return { why: 'the rollout is paused', isDecided: true }
  if (!isEnabled) return { why: 'the canary is disabled', isDecided: true }
  if (heldBy !== null) return { why: `the rollout is held by the ${heldBy}`, isDecided: false }
  const breached = checks.find(({ outcome, severity }) => outcome === 'breached' && severity === 'hold')
  return breached && { why: `the rollout is held by ${breached.guardrail}: ${breached.reason}`, isDecided: false }
}

const placeOf = ({ canary, epoch }: StatusView): string => `${canary}, epoch ${epoch}`
