import { CanaryError, type CanaryErrorCode } from '../foundation/errors.js'
import { refuseUnknown, safeName, show, wholeNumber } from '../foundation/options.js'
import { visibleLine } from '../foundation/visible-text.js'
import type { RolloutEvent } from '../rollout/event.js'
import { LONGEST_PAUSE_MS } from '../rollout/pause-end.js'
import { isTerminal, type RolloutState } from '../rollout/state.js'
import type { Status } from '../rollout/status.js'

/** Who does it, why, and from which step on: an approval of step 2 must not promote step 3. */
export interface VerbOptions {
  /** @default 'operator' */
  readonly actor?: string
  /** Why, for the history. */
  readonly reason?: string
  /** Refuses with `STEP_MOVED` where the rollout is no longer at this step, or at this step of this epoch. */
  readonly expectedStep?: ExpectedStep
}

/** A step: 0 is the warm-up, 1 the plan's first. A rollout comes back to a step in another epoch, after `retry()`. */
export type ExpectedStep = number | { readonly step: number; readonly epoch?: number }

/** What an operator can ask for once a rollout has been started. `Verbs` and the routes have one for each. */
export const OPERATOR_VERBS = ['pause', 'resume', 'promote', 'rollback', 'retry', 'enable', 'disable'] as const

/** One of them. */
export type OperatorVerb = (typeof OPERATOR_VERBS)[number]

/** What an operator can ask for. */
export type Verb = 'start' | OperatorVerb

/** The operator's verbs. Each resolves to the new status, or rejects with nothing changed. */
export interface Verbs extends Readonly<Record<OperatorVerb, (options?: VerbOptions) => Promise<Status>>> {
  /**
   * Holds the weight until `resume`, or until the first look after a wall time in milliseconds since 1970, at most a year ahead: through
   * restarts and the kill switch. A shorter pause does not end a longer one. The guardrails go on watching.
   */
  pause(options?: VerbOptions & { readonly untilMs?: number }): Promise<Status>
  /** Ends a pause. */
  resume(options?: VerbOptions): Promise<Status>
  /** Goes one step on, whatever the evidence; with `full` to 100 percent at once. Refused with `SWITCHED_OFF` under the kill switch. */
  promote(options?: VerbOptions & { readonly full?: boolean }): Promise<Status>
  /**
   * Sends everybody to the baseline, after a promotion as well: here at once, then at the target, then in the store. After a promotion
   * the target is asked first whether the baseline can take it. Keeps the process alive and resolves once
   * the target has taken it; rejects `TARGET_FAILED` with the status (`UnsettledError`) after `settleTimeoutMs`, and is tried on.
   */
  rollback(options?: VerbOptions): Promise<Status>
  /** Begins a new epoch after an end, warm-up first, then at this step. */
  retry(options?: VerbOptions & { readonly fromStep?: number }): Promise<Status>
  /** Takes the kill switch back. */
  enable(options?: VerbOptions): Promise<Status>
  /** The kill switch: every request goes to the baseline, and time in the step stands still. Waits for the target as `rollback` does. */
  disable(options?: VerbOptions): Promise<Status>
}

/** What carries a verb out. */
export type Perform = (verb: Verb, options: VerbOptions, event: RolloutEvent) => Promise<Status>

/** Turns the verbs' options into events. `now` is wall time in milliseconds since 1970. */
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

/** The end of a pause: a wall time that is still to come, within a year. */
function pauseEnd(untilMs: number, now: number): number {
  if (Number.isFinite(untilMs) && untilMs > now && untilMs <= now + LONGEST_PAUSE_MS) return untilMs
  const advice = 'a wall time to come, in milliseconds since 1970 and at most a year ahead'
  throw new CanaryError('INVALID_OPTION', `pause: untilMs must be ${advice}, got ${show(untilMs)}; it is ${now} now`)
}

/** The options of all verbs. */
const SHARED_OPTIONS = ['actor', 'reason', 'expectedStep'] as const satisfies readonly (keyof VerbOptions)[]

/** The options that only one verb has. `createVerbs` takes them out; they are here for the messages. */
const OWN_OPTIONS: Readonly<Partial<Record<Verb, readonly string[]>>> = {
  pause: ['untilMs'],
  promote: ['full'],
  retry: ['fromStep'],
}

/** Refuses bad options of a verb before anything is looked at. */
export function resolveVerb(
  verb: Verb,
  options: VerbOptions,
  steps: number,
): Required<Pick<VerbOptions, 'actor'>> & VerbOptions {
  refuseUnknown(verb, options, [...SHARED_OPTIONS, ...(OWN_OPTIONS[verb] ?? [])])
  if (options.expectedStep !== undefined) checkExpected(`${verb}: expectedStep`, options.expectedStep, steps)
  if (options.reason !== undefined && typeof options.reason !== 'string') {
    throw new CanaryError('INVALID_OPTION', `${verb}: reason must be a string`)
  }
  const reason = options.reason && visibleLine(options.reason.slice(0, LONGEST_REASON))
  return {
    ...options,
    ...(reason === undefined ? {} : { reason }),
    actor: safeName(`${verb}: actor`, options.actor ?? 'operator'),
  }
}

/** The most of a reason that is kept, in UTF-16 units. */
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

/** Throws where a verb makes no sense in this state; nothing has changed then. */
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
  if (state.state === 'idle') return ['NOT_STARTED', 'call start() first']
  if (verb === 'retry') return isTerminal(state) ? undefined : ['STILL_LIVE', 'end it first']
  if (verb === 'rollback' && state.state === 'promoted') return undefined
  if (isTerminal(state)) return ['TERMINAL', 'retry() begins a new epoch']
  if (verb === 'promote' && !state.enabled) return ['SWITCHED_OFF', 'the kill switch is thrown; call enable() first']
  return undefined
}
