import { CanaryError, type CanaryErrorCode, isCanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import type { Events } from '../runtime/events.js'
import type { ProcessAlerts } from './process-alerts.js'

/** Counts the failures of a store, and raises an alert that lasts while it fails. */
export interface StoreWatch {
  /** The latest error of the store; `null` if it has answered since. */
  readonly downBy: CanaryErrorCode | null
  /** Records a failure. With `isReport`, that a report of this process was not taken. */
  failed(cause: unknown, isReport?: boolean): void
  /**
   * Records that the store has answered, which ends the alert. With `isReport`, that it has taken a report, which says
   * nothing of a store that cannot be read or written.
   */
  answered(isReport?: boolean): void
}

/** The options of {@link createStoreWatch}. */
export interface StoreWatchOptions {
  readonly events: Pick<Events, 'report'>
  readonly alerts: ProcessAlerts
}

/** Creates a watch on a store without failures. */
export function createStoreWatch({ events, alerts }: StoreWatchOptions): StoreWatch {
  let downBy: CanaryErrorCode | null = null
  let isOfReports = true // only reports have failed
  return {
    get downBy() {
      return downBy
    },
    failed(cause, isReport = false) {
      const error = storeError(cause)
      events.report(error)
      alerts.raise('store', error.message)
      if (downBy === null || !isReport) downBy = error.code
      isOfReports &&= isReport
    },
    answered(isReport = false) {
      if (isReport && !isOfReports) return
      isOfReports = true
      if (downBy !== null) alerts.calm('store')
      downBy = null
    },
  }
}

/** Returns the failure of a store as an error with a code. */
export function storeError(cause: unknown): CanaryError {
  return isCanaryError(cause) ? cause : new CanaryError('STORE_FAILED', messageOf(cause), { cause })
}
