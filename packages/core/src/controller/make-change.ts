import type { Calibration } from '../judging/judge.js'
import type { RolloutEvent } from '../rollout/event.js'
import type { OwedMessage } from '../rollout/owed-message.js'
import { type Change, change, type Occasion, stateAfter } from '../rollout/record.js'
import type { RolloutState } from '../rollout/state.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { fitInto } from '../rollout/stored-size.js'
import type { ResolvedRollout } from './controller-options.js'
import type { Couriers } from './couriers.js'

/** The ground of an event that has no time yet. */
export type Ground = Omit<Occasion, 'at'>

/** An event and its ground. The caller may add members, and gets them back with the change. */
export interface Choice {
  readonly event: RolloutEvent
  readonly ground: Ground
}

/** A change with the messages about it. */
export interface Made extends Change {
  readonly messages: readonly OwedMessage[]
}

/** Makes changes, and puts the messages about them into the same write. */
export interface ChangeMaker {
  /** Returns the change that a choice makes, or `undefined` if nothing changes. `told` are its earlier messages. */
  make(current: StoredRollout, choice: Choice, told?: readonly OwedMessage[]): Made | undefined
  /** Returns the state that a choice leads to, without the rest of the change. */
  stateAfter(current: StoredRollout, choice: Choice): RolloutState
  /** Returns the rollout with its present messages; `undefined` if they are stored already, or it was never stored. */
  restamped(current: StoredRollout): StoredRollout | undefined
  /** Returns the rollout with these pasts of its versions; `undefined` if there are none, or it was never stored. */
  withPasts(current: StoredRollout, pasts: StoredRollout['pasts']): StoredRollout | undefined
}

/** The options of {@link createChangeMaker}. */
export interface ChangeMakerOptions {
  readonly rollout: ResolvedRollout
  readonly calibrate: () => Calibration
  /** Returns the rollout as this process counts it. */
  readonly countedOf: (current: StoredRollout) => StoredRollout
  /** Stores messages together with decisions. */
  readonly couriers: () => Pick<Couriers, 'made' | 'stamp'>
}

/** Creates a change maker. */
export function createChangeMaker({ rollout, calibrate, countedOf, couriers }: ChangeMakerOptions): ChangeMaker {
  const { course, clock, judge, guardrails, config, historySize, replaySize, maxStoredBytes } = rollout
  const rules = { bench: { judge, guardrails, course }, config, historySize, replaySize, maxStoredBytes, calibrate }
  return {
    stateAfter: (current, { event }) => stateAfter(current, { at: clock.now(), ...event }, course),
    make(current, { event, ground }, told) {
      const at = clock.now()
      const made = change(countedOf(current), { at, ...event }, { at, ...ground }, rules)
      if (made === undefined) return undefined
      const messages = told ?? couriers().made(current, made.next)
      const next = couriers().stamp(made.next, messages)
      return { ...made, messages, next: next === made.next ? next : fitInto(next, maxStoredBytes) }
    },
    restamped(current) {
      const next = couriers().stamp(current)
      const isSame = JSON.stringify(next.outbox) === JSON.stringify(current.outbox)
      return isSame || current.revision === 0 ? undefined : fitInto(next, maxStoredBytes)
    },
    withPasts: (current, pasts) =>
      pasts === undefined || current.revision === 0 ? undefined : fitInto({ ...current, pasts }, maxStoredBytes),
  }
}
