import { CanaryError, type CanaryErrorCode, isCanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import type { Events } from '../runtime/events.js'
import type { ProcessAlerts } from './process-alerts.js'

/** Tells of a store that fails: every failure counts, and an alert stands while it does. */
export interface StoreWatch {
  /** What the store failed with last; `null` where it has answered since. */
  readonly downBy: CanaryErrorCode | null
  failed(cause: unknown): void
  /** The store answered: its alert has lost its cause. */
  answered(): void
}

/** Whom a watch on a store tells. */
export interface StoreWatchOptions {
  readonly events: Pick<Events, 'report'>
  readonly alerts: ProcessAlerts
}

/** Makes a watch on a store that is thought to be up. */
export function createStoreWatch({ events, alerts }: StoreWatchOptions): StoreWatch {
  let downBy: CanaryErrorCode | null = null
  return {
    get downBy() {
      return downBy
    },
    failed(cause) {
      const error = storeError(cause)
      events.report(error)
      alerts.raise('store', error.message)
      downBy = error.code
    },
    answered() {
      if (downBy !== null) alerts.calm('store')
      downBy = null
    },
  }
}

/** What a store did wrong, with a code. */
export function storeError(cause: unknown): CanaryError {
  return isCanaryError(cause) ? cause : new CanaryError('STORE_FAILED', messageOf(cause), { cause })
}
