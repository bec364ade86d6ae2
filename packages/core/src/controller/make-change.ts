import type { Calibration } from '../judging/judge.js'
import type { RolloutEvent } from '../rollout/event.js'
import type { OwedMessage } from '../rollout/owed-message.js'
import { type Change, change, type Occasion } from '../rollout/record.js'
import type { StoredRollout } from '../rollout/store.js'
import { fitInto } from '../rollout/stored-size.js'
import type { ResolvedRollout } from './controller-options.js'
import type { Couriers } from './couriers.js'

/** What an event rests on, before it has a time. */
export type Ground = Omit<Occasion, 'at'>

/** An event and what it rests on. Its maker may put more into it, and gets that back with the change. */
export interface Choice {
  readonly event: RolloutEvent
  readonly ground: Ground
}

/** A change with what is to be told of it. */
export interface Made extends Change {
  readonly messages: readonly OwedMessage[]
}

/** Makes changes, and puts what is to be told of them into the same write. */
export interface ChangeMaker {
  /** Returns what a choice makes of a rollout, or `undefined` if nothing changes. `told` is what was told of it already. */
  make(current: StoredRollout, choice: Choice, told?: readonly OwedMessage[]): Made | undefined
  /** Returns the rollout with its messages as they are now, or `undefined` if they are so, or it was never stored. */
  restamped(current: StoredRollout): StoredRollout | undefined
}

/** What making changes needs. */
export interface ChangeMakerOptions {
  readonly rollout: ResolvedRollout
  readonly calibrate: () => Calibration
  /** Returns the rollout as this process counts it. */
  readonly countedOf: (current: StoredRollout) => StoredRollout
  /** Keeps what is to be told beside what was decided. */
  readonly couriers: () => Pick<Couriers, 'made' | 'stamp'>
}

/** Makes a maker of changes. */
export function createChangeMaker({ rollout, calibrate, countedOf, couriers }: ChangeMakerOptions): ChangeMaker {
  const { course, clock, judge, guardrails, historySize, replaySize, maxStoredBytes } = rollout
  const rules = { bench: { judge, guardrails, course }, historySize, replaySize, maxStoredBytes, calibrate }
  return {
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
  }
}
