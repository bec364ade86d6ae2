import { CanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import type { Decision } from '../rollout/decision.js'
import type { Target } from '../rollout/ports.js'
import { refuseBeside } from '../rollout/releases.js'
import type { RolloutState } from '../rollout/state.js'
import type { Status } from '../rollout/status.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { type Clock, systemClock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'
import { keptAlive } from '../runtime/keep-alive.js'
import { loopTurn } from '../runtime/loop-turn.js'
import type { Dispatcher } from './dispatcher.js'
import { storeError } from './store-watch.js'
import { createVerbTurns } from './verb-turns.js'
import { type Perform, refuseVerb, resolveVerb, type Verb } from './verbs.js'

/** The options of {@link createPerform}. */
export interface PerformOptions {
  readonly dispatcher: Dispatcher
  readonly clock: Clock
  /** How many steps the plan has. */
  readonly steps: number
  /** How long a verb waits for the store, in milliseconds. */
  readonly timeoutMs: number
  readonly target: Target | undefined
  /** Throws if this process must not carry the verb out. */
  readonly refuse?: ((verb: Verb, current: StoredRollout) => void) | undefined
  readonly isClosed: () => boolean
  /** Aborted when the controller no longer waits for the store. */
  readonly cutOff: AbortSignal
  readonly status: () => Status
  /** Resolves once the target has taken the decided weight; rejects `TARGET_FAILED`. */
  readonly settle: () => Promise<void>
}

/**
 * Creates the function that carries out the verbs. A rollback and the kill switch take effect in this process even if
 * the store fails.
 */
export function createPerform(options: PerformOptions): Perform {
  const { dispatcher, clock, steps, timeoutMs, isClosed, cutOff, status, settle, target } = options

  /** Checks the baseline before it gets the traffic, because it may have been shut down after the promotion. */
  const baselineChecked = async (): Promise<void> => {
    try {
      await withDeadline(clock, timeoutMs, async (signal) => target?.checkBaseline?.(signal), cutOff)
    } catch (cause) {
      if (isClosed()) throw closedError('rollback')
      const detail = `rollback: the baseline cannot take the traffic, and nothing was changed: ${messageOf(cause)}`
      throw new CanaryError('TARGET_FAILED', detail, { cause })
    }
  }

  const perform: Perform = async (verb, given, event) => {
    const { actor, reason, expectedStep, idempotencyKey } = resolveVerb(verb, given, steps)
    if (isClosed()) throw closedError(verb)
    const isDone = ({ history }: StoredRollout): boolean =>
      idempotencyKey !== undefined &&
      history.some((decision) => decision.idempotencyKey === idempotencyKey && verbOf(decision) === verb)
    const ground = { actor, idempotencyKey }
    if (isDone(dispatcher.current)) {
      if (isStillDecided(verb, dispatcher.current.state)) await settle()
      return status()
    }
    refuseVerb(verb, dispatcher.current.state, expectedStep)
    options.refuse?.(verb, dispatcher.current)
    if (verb === 'rollback' && dispatcher.current.state.state === 'promoted') {
      await baselineChecked()
      refuseVerb(verb, dispatcher.current.state, expectedStep)
    }
    const said = reason === undefined ? event : { ...event, reason }
    if (takesAway(verb)) {
      const written = dispatcher.force(said, ground)
      const storeHeard = withDeadline(clock, timeoutMs, () => written, cutOff).catch(() => {}) // the write is retried
      await Promise.all([storeHeard, settle()])
      await settle() // a different revision in the store may have caused another write to the target
      return status()
    }
    const write = (deadline: AbortSignal) =>
      dispatcher.dispatch((current) => {
        if (deadline.aborted || isDone(current)) return undefined // rejected already, or carried out by another process
        refuseVerb(verb, current.state, expectedStep)
        options.refuse?.(verb, current)
        if (verb === 'retry') refuseBeside(current, verb)
        return { event: said, ground }
      })
    await withDeadline(clock, timeoutMs, write, cutOff).catch((cause: unknown) => {
      throw cutOff.aborted ? closedError(verb) : storeError(cause)
    })
    return status()
  }

  return inTurns(clock, perform)
}

/** Returns the function that keeps the process alive for a verb, and lets the event loop turn between many of them. */
function inTurns(clock: Clock, perform: Perform): Perform {
  const turnBefore = createVerbTurns(() => loopTurn(systemClock)) // a clock of tests may stand still between two verbs
  return (...call) =>
    keptAlive(clock, async () => {
      const turn = takesAway(call[0]) ? undefined : turnBefore()
      if (turn !== undefined) await turn
      return perform(...call)
    })
}

/** Returns whether a verb takes effect in this process before it returns. */
const takesAway = (verb: Verb): boolean => verb === 'rollback' || verb === 'disable'

/** Returns whether a verb that was carried out before still decides the share, which the target may not have taken yet. */
const isStillDecided = (verb: Verb, { state, enabled }: RolloutState): boolean =>
  verb === 'rollback' ? state === 'rolled-back' : verb === 'disable' && !enabled

/** Returns the verb that led to a decision: a promotion to the next step is an advance. */
const verbOf = ({ action }: Decision): Decision['action'] => (action === 'advance' ? 'promote' : action)

/** Returns the error for every call after `close()`. */
export function closedError(verb: string): CanaryError {
  return new CanaryError('CLOSED', `${verb}: close() has been called; make a new one`)
}
