import { compareEnds, withLaterSwitch, withReleases } from '../rollout/order.js'
import { NOTHING_STORED, type StoredPlace } from '../rollout/stored-records.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { type BackOff, pauseBeforeTry } from '../runtime/back-off.js'
import type { Clock } from '../runtime/clock.js'
import { pause } from '../runtime/deadline.js'
import type { CheckedStore } from './checked-store.js'
import type { KnownRollout } from './known-rollout.js'
import type { OlderReads } from './older-reads.js'

/** The pauses between two attempts to store a change, in milliseconds. */
const BACK_OFF: BackOff = { firstMs: 50, longestMs: 1_000 }

/** Returns the changed rollout, or `undefined` for no change. */
export type Decide = (current: StoredRollout) => StoredRollout | undefined

/** Changes that take effect in this process before they are stored. */
export interface ForcedChanges {
  /** True while a change is not stored yet. */
  readonly isAhead: boolean
  /** Applies a change in this process. Returns the task that stores it. */
  begin(next: StoredRollout, again: Decide): () => Promise<void>
}

/** The options of {@link createForcedChanges}. */
export interface ForcedChangesOptions {
  readonly known: KnownRollout
  readonly checked: CheckedStore
  readonly older: OlderReads
  readonly clock: Clock
  /** Aborted when the controller no longer waits for the store. */
  readonly closed: AbortSignal
  /** Called when a forced change was dropped in favour of what the store held. */
  readonly onOverruled: (ours: StoredRollout, theirs: StoredRollout) => void
  /** Called when a forced change was stored over what another process had written in the meantime. */
  readonly onRetold: () => void
  /** Called with every failure of the store; the write is retried. */
  readonly onFailure: (error: unknown) => void
}

/** What is stored when a change is made. */
type Base = Pick<StoredRollout, 'tag' | 'savedAt'>

/** Returns whether a change was made to what is stored. A newer body of the same head has evidence not known here. */
const isBase = (stored: Base, from: Base): boolean => stored.tag === from.tag && stored.savedAt === from.savedAt

/** Creates an object without forced changes. */
export function createForcedChanges(options: ForcedChangesOptions): ForcedChanges {
  const { known, checked, older, clock, onOverruled, onRetold } = options
  let underWay = 0
  let latest: StoredRollout | undefined // what was stored last while another change is under way

  /** Ends a change that is stored. Adopts what is stored once all changes are; until then, only its revision. */
  const settle = (stored: StoredRollout): void => {
    underWay -= 1
    const newest = latest === undefined || stored.revision >= latest.revision ? stored : latest
    latest = underWay > 0 ? newest : undefined
    if (underWay > 0) known.moveTo(newest)
    else known.become(newest)
  }

  const writeAndSettle = async (next: StoredRollout, over: StoredPlace): Promise<boolean> => {
    const written = await known.write(next, over, { isUrgent: true })
    if (written !== undefined) settle(written)
    return written !== undefined
  }

  /** Tries once to store a change. Resolves to false if another process wrote in the meantime. */
  const push = async (from: Base, next: StoredRollout, again: Decide): Promise<boolean> => {
    const stored = await checked.read()
    const { current } = known // with all changes that are in effect here, also those after this one
    const { revision } = current
    const isOlder = stored !== undefined && stored.revision < revision
    if (!isOlder) older.forget()
    const isLost = isOlder && older.add(stored.revision, clock.elapsed())
    if (isLost) older.forget()
    // a late read shows nothing: the store may well hold what is known here
    if (isOlder && !isLost) return from.tag === current.tag && writeAndSettle(current, current)
    const isOurs = stored === undefined || isBase(stored, from) || (isLost && compareEnds(stored, current) <= 0)
    const wanted = isOurs ? current : wantedOver(stored, current, again)
    if (wanted === stored) {
      onOverruled(next, stored)
      known.expect(stored)
      settle(stored)
      return true
    }
    if (!(await writeAndSettle(wanted, stored ?? NOTHING_STORED))) return false
    if (!isOurs || isLost) onRetold()
    return true
  }

  return {
    get isAhead() {
      return underWay > 0
    },
    begin(next, again) {
      const { tag, savedAt } = known.current
      underWay += 1
      known.become(next)
      return () => untilTaken(() => push({ tag, savedAt }, next, again), options)
    },
  }
}

/**
 * Returns what to store in place of `stored`, or `stored` itself if it is to be adopted. `current` has all changes that
 * are in effect in this process.
 */
function wantedOver(stored: StoredRollout, current: StoredRollout, again: Decide): StoredRollout {
  const wanted = again(stored) ?? stored
  const later = withLaterSwitch(compareEnds(wanted, current) < 0 ? current : wanted, current)
  return withReleases(later, stored, current)
}

/** Retries until `push` resolves to true or `closed` is aborted. */
async function untilTaken(
  push: () => Promise<boolean>,
  { clock, closed, onFailure }: Pick<ForcedChangesOptions, 'clock' | 'closed' | 'onFailure'>,
): Promise<void> {
  for (let failures = 0; !closed.aborted; failures += 1) {
    const isTaken = await push().catch((error: unknown) => {
      if (!closed.aborted) onFailure(error)
      return undefined
    })
    if (isTaken === true) return
    // the first attempt that lost a race is repeated immediately
    if (isTaken === undefined || failures > 0) await pause(clock, pauseBeforeTry(BACK_OFF, failures), closed)
  }
}
