import type { StoredRollout } from '../rollout/store.js'
import type { Clock } from '../runtime/clock.js'
import { backOff } from '../runtime/deadline.js'
import type { CheckedStore } from './checked-store.js'
import type { KnownRollout } from './known-rollout.js'
import { isNewer, type OlderReads } from './older-reads.js'

/** What a change makes of a rollout; `undefined` changes nothing. */
export type Decide = (current: StoredRollout) => StoredRollout | undefined

/** Changes that are true here before the store has them. */
export interface ForcedChanges {
  /** Whether the store lacks one of them. */
  readonly isAhead: boolean
  /** Makes a change true here. Returns what brings it into the store: to be run when it is its turn. */
  begin(next: StoredRollout, again: Decide): () => Promise<void>
}

/** What forced changes need. */
export interface ForcedChangesOptions {
  readonly known: KnownRollout
  readonly checked: CheckedStore
  readonly older: OlderReads
  readonly clock: Clock
  /** Aborted when nobody waits for the store any more. */
  readonly closed: AbortSignal
  /** Called with what the store held instead of a forced change, which was given up for it. */
  readonly onOverruled: (ours: StoredRollout, theirs: StoredRollout) => void
  /** Called when a forced change is in the store, over what another process had written in between. */
  readonly onRetold: () => void
  /** Called with every failure of the store; it is tried again. */
  readonly onFailure: (error: unknown) => void
}

/** Begins with nothing forced. */
export function createForcedChanges(options: ForcedChangesOptions): ForcedChanges {
  const { known, checked, older, clock, onOverruled, onRetold } = options
  let underWay = 0

  /** What the store holds is true here too, but for forced changes that are still on their way. */
  const settle = (stored: StoredRollout): void =>
    underWay === 1 ? known.become(stored) : known.renumber(stored.revision)

  const writeAndSettle = async (next: StoredRollout, over: number): Promise<boolean> => {
    const written = await known.write(next, over)
    if (written !== undefined) settle(written)
    return written !== undefined
  }

  /** One try to bring a change into the store; false if another process wrote in between. */
  const push = async (from: number, next: StoredRollout, again: Decide): Promise<boolean> => {
    const stored = await checked.read()
    const { revision } = known.current
    const isOlder = stored !== undefined && stored.revision < revision
    if (!isOlder) older.forget()
    const isLost = isOlder && older.add(stored.revision, clock.elapsed())
    if (isLost) older.forget()
    // a read that is late says nothing, and what is known here may be what is there
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

/** Tries until a try says that it is done, or nobody waits for the store any more. */
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
    if (isTaken === undefined || failures > 0) await backOff(clock, failures, closed) // a race lost once is tried at once
  }
}
