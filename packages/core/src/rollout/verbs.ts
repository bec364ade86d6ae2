import { CanaryError } from '../errors.js'
import { refuseUnknown, safeName, wholeNumber } from '../options.js'
import { isTerminal, type RolloutState } from './state.js'

/** Who does it, why, and from which step on: an approval of step 2 must not promote step 3. */
export interface VerbOptions {
  /** @default 'operator' */
  readonly actor?: string
  readonly reason?: string
  /** Refuses with `STEP_MOVED` where the rollout is no longer at this step. */
  readonly expectedStep?: number
}

/** What an operator can ask for. */
export type Verb = 'start' | 'pause' | 'resume' | 'promote' | 'rollback' | 'retry' | 'enable' | 'disable'

/** The verbs' own options, besides the common ones. */
export interface VerbExtras {
  readonly pause: { readonly untilMs?: number }
  readonly promote: { readonly full?: boolean }
  readonly retry: { readonly fromStep?: number }
}

/** Refuses bad options of a verb before anything is looked at. */
export function resolveVerb(
  verb: Verb,
  options: VerbOptions,
  extra: readonly string[],
  steps: number,
): Required<Pick<VerbOptions, 'actor'>> & VerbOptions {
  refuseUnknown(verb, options, ['actor', 'reason', 'expectedStep', ...extra])
  if (options.expectedStep !== undefined) wholeNumber(`${verb}: expectedStep`, options.expectedStep, 0, steps)
  if (options.reason !== undefined && typeof options.reason !== 'string') {
    throw new CanaryError('INVALID_OPTION', `${verb}: reason must be a string`)
  }
  const reason = options.reason?.slice(0, 500)
  return {
    ...options,
    ...(reason === undefined ? {} : { reason }),
    actor: safeName(`${verb}: actor`, options.actor ?? 'operator'),
  }
}

/** Throws where a verb makes no sense in this state; nothing has changed then. */
export function refuseVerb(verb: Verb, state: RolloutState, expectedStep: number | undefined): void {
  if (verb === 'enable' || verb === 'disable') return
  if (verb === 'retry' ? !isTerminal(state) : isTerminal(state) && verb !== 'start') {
    const code = verb === 'retry' ? (state.status === 'idle' ? 'NOT_STARTED' : 'STILL_LIVE') : 'TERMINAL'
    const advice = verb === 'retry' ? 'end it first' : 'retry() begins a new epoch'
    throw new CanaryError(code, `${verb}: the rollout is ${state.status}; ${advice}`)
  }
  if (state.status === 'idle' && verb !== 'start') {
    throw new CanaryError('NOT_STARTED', `${verb}: call start() first`)
  }
  if (expectedStep !== undefined && expectedStep !== state.step) {
    throw new CanaryError('STEP_MOVED', `${verb}: expected step ${expectedStep}, it is at ${state.step}; look again`)
  }
}
