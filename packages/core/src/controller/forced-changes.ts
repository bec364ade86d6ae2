import type { StoredRollout } from '../rollout/store.js'
import type { Clock } from '../runtime/clock.js'
import { backOff } from '../runtime/deadline.js'
import type { CheckedStore } from './checked-store.js'
import type { KnownRollout } from './known-rollout.js'
import { isNewer, type OlderReads } from './older-reads.js'

/** Returns the changed rollout, or `undefined` for no change. */
export type Decide = (current: StoredRollout) => StoredRollout | undefined

/** Changes that take effect in this process before they are stored. */
export interface ForcedChanges {
  /** True while a change is not stored yet. */
  readonly isAhead: boolean
  /** Applies a change in this process. Returns the task that stores it, which the caller runs in its turn. */
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

/** Creates an object without forced changes. */
export function createForcedChanges(options: ForcedChangesOptions): ForcedChanges {
  const { known, checked, older, clock, onOverruled, onRetold } = options
  let underWay = 0

  /** Adopts what is stored, or only its revision if further forced changes are not stored yet. */
  const settle = (stored: StoredRollout): void =>
    underWay === 1 ? known.become(stored) : known.renumber(stored.revision)

  const writeAndSettle = async (next: StoredRollout, over: number): Promise<boolean> => {
    const written = await known.write(next, over)
    if (written !== undefined) settle(written)
    return written !== undefined
  }

  /** Tries once to store a change. Resolves to false if another process wrote in the meantime. */
  const push = async (from: number, next: StoredRollout, again: Decide): Promise<boolean> => {
    const stored = await checked.read()
    const { revision } = known.current
    const isOlder = stored !== undefined && stored.revision < revision
    if (!isOlder) older.forget()
    const isLost = isOlder && older.add(stored.revision, clock.elapsed())
    if (isLost) older.forget()
    // a late read shows nothing: the store may well hold what is known here
    if (isOlder && !isLost) return from === revision && writeAndSettle(next, revision)
    const isOurs = stored === undefined || stored.revision === from || (isLost && !isNewer(stored, next))
    const wanted = isOurs ? next : again(stored)
    if (wanted === undefined) {
      onOverruled(next, stored!)
      known.expect(stored!.revision)
      settle(stored!)
      return true
    }
    if (!(await writeAndSettle(wanted, stored?.revision ?? 0))) return false
    if (!isOurs || isLost) onRetold()
    return true
  }

  return {
    get isAhead() {
      return underWay > 0
    },
    begin(next, again) {
      const { revision } = known.current
      underWay += 1
      known.become(next)
      return async () => {
        await untilTaken(() => push(revision, next, again), options)
        underWay -= 1
      }
    },
  }
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
    if (isTaken === undefined || failures > 0) await backOff(clock, failures, closed)
  }
}
