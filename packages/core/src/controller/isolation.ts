import type { Clock } from '../runtime/clock.js'
import type { ControllerParts } from './controller-parts.js'
import type { ReplicaCounts } from './reported-counts.js'

/** Whether this process has been without the store for so long that it serves the baseline. */
export interface Isolation {
  /** Records that the store has answered. */
  answered(): void
  /** Records that the store has failed. */
  failed(): void
}

/** Creates the isolation of a process that has just heard of its store. */
export function createIsolation(
  { afterMs, cutOff }: NonNullable<ReplicaCounts['isolation']>,
  clock: Clock,
  alerts: ControllerParts['alerts'],
): Isolation {
  let answeredAt = clock.elapsed()
  return {
    answered() {
      answeredAt = clock.elapsed()
      cutOff(false)
      alerts.calm('isolation')
    },
    failed() {
      if (clock.elapsed() - answeredAt < afterMs) return
      cutOff(true)
      alerts.raise('store', 'the store does not answer: this process serves the baseline until it does', 'isolation')
    },
  }
}
