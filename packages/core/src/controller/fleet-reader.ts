import { CanaryError } from '../foundation/errors.js'
import type { ByVariant } from '../foundation/vocabulary.js'
import { oneAtATime } from '../runtime/one-at-a-time.js'
import { emptySummary, type Summary } from '../summaries/summary.js'
import type { ResolvedRollout } from './controller-options.js'
import type { Dispatcher } from './dispatcher.js'
import { createFleetCollection } from './fleet-collection.js'
import type { Replica } from './replica.js'
import { storeError } from './store-watch.js'

/** The options of {@link createFleetReader}. */
export interface FleetReaderOptions {
  readonly rollout: Pick<ResolvedRollout, 'store' | 'clock' | 'storeTimeoutMs'>
  readonly replica: Pick<Replica, 'report'> | undefined
  readonly dispatcher: Pick<Dispatcher, 'window'>
  /** Aborted when nothing waits for the store any more. */
  readonly signal: AbortSignal
}

/** Returns the counts of all processes in the present stay. */
export type FleetReader = () => Promise<ByVariant<Summary>>

/**
 * Creates a reader that has read nothing. It has sums of its own, because those of the judge never fall. Calls that come
 * together share one read, and each reads only the reports that have changed since the one before.
 */
export function createFleetReader({ rollout, replica, dispatcher, signal }: FleetReaderOptions): FleetReader {
  const { store, clock, storeTimeoutMs: timeoutMs } = rollout
  const { fleet } = store
  if (fleet === undefined || replica === undefined) return async () => Promise.reject(notShared())
  const ignored = { onDamaged: () => {}, onTooMany: () => {} } // the process that judges tells of it
  const { collect } = createFleetCollection({ fleet, clock, timeoutMs, ...ignored })
  return oneAtATime(async () => {
    try {
      await replica.report()
      const counts = await collect(dispatcher.window, signal)
      return counts === 'no-data' ? { baseline: emptySummary(), canary: emptySummary() } : counts
    } catch (cause) {
      throw storeError(cause)
    }
  })
}

const notShared = (): CanaryError =>
  new CanaryError(
    'NOT_SHARED',
    "metrics: the store keeps no reports of several processes; leave out scope: 'fleet', or pass a store that has a fleet",
  )
