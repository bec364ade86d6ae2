import { CanaryError, type CanaryErrorCode } from '../foundation/errors.js'
import { type Names, refuseUnknown, safeName, show, wholeNumber } from '../foundation/options.js'
import { visibleLine } from '../foundation/visible-text.js'
import type { RolloutEvent } from '../rollout/event.js'
import { LONGEST_PAUSE_MS } from '../rollout/pause-end.js'
import { isTerminal, type RolloutState } from '../rollout/state.js'
import type { Status } from '../rollout/status.js'

/** Who uses a verb if no name is given. */
export const DEFAULT_ACTOR = 'operator'

/** Who uses the verb, why, and in which step: an approval of step 2 must not promote step 3. */
export interface VerbOptions {
  /** @default 'operator' */
  readonly actor?: string
  /** The reason, for the history. */
  readonly reason?: string
  /** Refuses with `STEP_MOVED` if the rollout is not at this step, or not at this step of this epoch. */
  readonly expectedStep?: ExpectedStep
  /**
   * Identifies the request, such as by a UUID of 1 to 64 characters. A verb whose key is in the history already changes
   * nothing, in whichever process it arrives: so a request can be sent again after a lost answer.
   */
  readonly idempotencyKey?: string
}

/** A step: 0 is the warm-up, 1 the plan's first. After `retry()`, a rollout reaches the same steps in a later epoch. */
export type ExpectedStep = number | { readonly step: number; readonly epoch?: number }

/** The operations on a started rollout. `Verbs` has a method, and the routes have a path, for each. */
export const OPERATOR_VERBS = ['pause', 'resume', 'promote', 'rollback', 'retry', 'enable', 'disable'] as const

/** One of the operations on a started rollout. */
export type OperatorVerb = (typeof OPERATOR_VERBS)[number]

/** The verbs that can raise the canary's share, or that lead to it. The other verbs of an operator never do. */
export const RAISING_VERBS: ReadonlySet<Verb> = /* @__PURE__ */ new Set<Verb>(['promote', 'resume', 'retry', 'enable'])

/** An operation on a rollout. */
export type Verb = 'start' | OperatorVerb

/** The operator's verbs. Each resolves to the new status, or rejects with nothing changed. */
export interface Verbs extends Readonly<Record<OperatorVerb, (options?: VerbOptions) => Promise<Status>>> {
  /**
   * Holds the weight until `resume`, or until the first look after `untilMs`: a wall time in milliseconds since 1970,
   * at most a year ahead. A pause survives restarts and the kill switch. A shorter pause does not end a longer one.
   * The guardrails still roll back.
   */
  pause(options?: VerbOptions & { readonly untilMs?: number }): Promise<Status>
  /** Ends a pause. */
  resume(options?: VerbOptions): Promise<Status>
  /**
   * Goes to the next step regardless of the evidence; with `full`, directly to 100 percent. Rejects `SWITCHED_OFF`
   * under the kill switch.
   */
  promote(options?: VerbOptions & { readonly full?: boolean }): Promise<Status>
  /**
   * Sends all requests to the baseline, also after a promotion: immediately in this process, then at the target, then
   * in the store. After a promotion, the target is first asked whether the baseline can take the traffic. Keeps the
   * process alive and resolves once the target has applied it. Rejects `TARGET_FAILED` with the status
   * (`UnsettledError`) after `settleTimeoutMs`, and retries in the background.
   */
  rollback(options?: VerbOptions): Promise<Status>
  /** Begins a new epoch after an end: first the warm-up, then `fromStep`. */
  retry(options?: VerbOptions & { readonly fromStep?: number }): Promise<Status>
  /** Releases the kill switch. */
  enable(options?: VerbOptions): Promise<Status>
  /**
   * Throws the kill switch: every request goes to the baseline, and time in the step stands still. Waits for the target
   * as `rollback` does.
   */
  disable(options?: VerbOptions): Promise<Status>
}

/** Carries out a verb. */
export type Perform = (verb: Verb, options: VerbOptions, event: RolloutEvent) => Promise<Status>

/** Creates the verbs, which turn options into events. `now` returns wall time in milliseconds since 1970. */
export function createVerbs(perform: Perform, steps: number, now: () => number): Verbs {
  return {
    async pause({ untilMs, ...options } = {}) {
      if (untilMs === undefined) return perform('pause', options, { type: 'pause' })
      return perform('pause', options, { type: 'pause', untilMs: pauseEnd(untilMs, now()) })
    },
    resume: async (options = {}) => perform('resume', options, { type: 'resume' }),
    async promote({ full = false, ...options } = {}) {
      if (typeof full !== 'boolean') throw new CanaryError('INVALID_OPTION', `promote: full must be true or false`)
      return perform('promote', options, { type: 'promote', full })
    },
    rollback: async (options = {}) => perform('rollback', options, { type: 'rollback', isByOperator: true }),
    async retry({ fromStep = 1, ...options } = {}) {
      return perform('retry', options, { type: 'retry', fromStep: wholeNumber('retry: fromStep', fromStep, 1, steps) })
    },
    enable: async (options = {}) => perform('enable', options, { type: 'enable' }),
    disable: async (options = {}) => perform('disable', options, { type: 'disable' }),
  }
}

/** Returns the end of a pause. Throws if it is not a wall time within the next year. */
function pauseEnd(untilMs: number, now: number): number {
  if (Number.isFinite(untilMs) && untilMs > now && untilMs <= now + LONGEST_PAUSE_MS) return untilMs
  const advice = 'a wall time to come, in milliseconds since 1970 and at most a year ahead'
  throw new CanaryError('INVALID_OPTION', `pause: untilMs must be ${advice}, got ${show(untilMs)}; it is ${now} now`)
}

/** The options of all verbs. */
const SHARED_OPTIONS: Names<VerbOptions> = { actor: 1, reason: 1, expectedStep: 1, idempotencyKey: 1 }

/** The options that only one verb has. `createVerbs` takes them out; they are here for the messages. */
const OWN_OPTIONS: Readonly<Partial<Record<Verb, object>>> = {
  pause: { untilMs: 1 },
  promote: { full: 1 },
  retry: { fromStep: 1 },
}

/** Checks the options of a verb and returns them complete. */
export function resolveVerb(
  verb: Verb,
  options: VerbOptions,
  steps: number,
): Required<Pick<VerbOptions, 'actor'>> & VerbOptions {
  refuseUnknown(verb, options, { ...SHARED_OPTIONS, ...OWN_OPTIONS[verb] })
  if (options.expectedStep !== undefined) checkExpected(`${verb}: expectedStep`, options.expectedStep, steps)
  const { idempotencyKey } = options
  if (idempotencyKey !== undefined) safeName(`${verb}: idempotencyKey`, idempotencyKey, 'INVALID_OPTION')
  if (options.reason !== undefined && typeof options.reason !== 'string') {
    throw new CanaryError('INVALID_OPTION', `${verb}: reason must be a string`)
  }
  const reason = options.reason && visibleLine(options.reason.slice(0, LONGEST_REASON))
  return {
    ...options,
    ...(reason === undefined ? {} : { reason }),
    actor: safeName(`${verb}: actor`, options.actor ?? DEFAULT_ACTOR),
  }
}

/** The longest reason that is kept, in UTF-16 units. */
const LONGEST_REASON = 500

function checkExpected(name: string, expected: ExpectedStep, steps: number): void {
  if (typeof expected === 'number') {
    wholeNumber(name, expected, 0, steps)
    return
  }
  refuseUnknown(name, expected, { step: 1, epoch: 1 })
  wholeNumber(`${name}.step`, expected.step, 0, steps)
  if (expected.epoch !== undefined) wholeNumber(`${name}.epoch`, expected.epoch, 0)
}

/** Throws if a verb is not allowed in this state. */
export function refuseVerb(verb: Verb, state: RolloutState, expectedStep: ExpectedStep | undefined): void {
  const refusal = refusalOf(verb, state)
  if (refusal !== undefined) {
    const [code, advice] = refusal
    throw new CanaryError(code, `${verb}: the rollout is ${state.state}; ${advice}`)
  }
  if (expectedStep === undefined) return
  const { step, epoch = state.epoch } = typeof expectedStep === 'number' ? { step: expectedStep } : expectedStep
  if (step === state.step && epoch === state.epoch) return
  const [expected, found] = epoch === state.epoch ? ['', ''] : [` of epoch ${epoch}`, ` of epoch ${state.epoch}`]
  throw new CanaryError(
    'STEP_MOVED',
    `${verb}: expected step ${step}${expected}, it is at ${state.step}${found}; look again`,
  )
}

function refusalOf(verb: Verb, state: RolloutState): readonly [CanaryErrorCode, advice: string] | undefined {
  if (verb === 'start' || verb === 'enable' || verb === 'disable') return undefined
  if (state.state === 'idle')
    return ['NOT_STARTED', 'call start() first; a start while the store is down begins once the store answers']
  if (verb === 'retry') return isTerminal(state) ? undefined : ['STILL_LIVE', 'end it first']
  if (verb === 'rollback' && state.state === 'promoted') return undefined
  if (isTerminal(state)) return ['TERMINAL', 'retry() begins a new epoch']
  if (verb === 'promote' && !state.enabled) return ['SWITCHED_OFF', 'the kill switch is thrown; call enable() first']
  return undefined
}
