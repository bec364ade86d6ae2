import type { Lease } from '../rollout/fleet.js'
import { NOTHING_STORED, numberedOver, type StoredPlace } from '../rollout/stored-records.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { uniqueId } from '../runtime/unique-id.js'
import type { CheckedStore, WriteOptions } from './checked-store.js'
import { describeLost } from './older-reads.js'

/** The rollout as this process knows it, and the stored head that its next write replaces. */
export interface KnownRollout {
  readonly current: StoredRollout
  /** Below the revision known here if the store has lost writes. */
  readonly expected: StoredPlace
  /** Records what the store holds. */
  expect(place: StoredPlace): void
  /** Replaces the rollout in this process. */
  become(next: StoredRollout): void
  /** Gives the same rollout another place in the store. */
  moveTo(place: StoredPlace): void
  /** Writes over a stored head. Resolves to the stored rollout, or to `undefined` if the store held another head. */
  write(next: StoredRollout, over: StoredPlace, options?: WriteOptions): Promise<StoredRollout | undefined>
  /** Replaces only the stored body. Resolves to whether it did: the head must be stored, and the lease in force. */
  keep(next: StoredRollout, lease: Lease): Promise<boolean>
}

/** The options of {@link createKnownRollout}. */
export interface KnownRolloutOptions {
  readonly fresh: StoredRollout
  readonly onChange: (before: StoredRollout, after: StoredRollout) => void
  /** Called with a sentence when the store had permanently lost this rollout and was repaired. */
  readonly onLost: (message: string) => void
  /** Called when a write was refused because another process has the lease. */
  readonly onDeposed?: (() => void) | undefined
}

/** Creates an object with a rollout that is not stored. */
export function createKnownRollout(options: KnownRolloutOptions, checked: CheckedStore): KnownRollout {
  const writer = uniqueId()
  let writes = 0
  let current = options.fresh
  let expected = NOTHING_STORED
  let highest = 0 // of all revisions that were ever seen
  const see = ({ revision }: StoredPlace): void => {
    highest = Math.max(highest, revision)
  }
  return {
    get current() {
      return current
    },
    get expected() {
      return expected
    },
    expect(place) {
      see(place)
      expected = placeOf(place)
    },
    become(next) {
      const before = current
      see(next)
      current = next
      options.onChange(before, next)
    },
    moveTo(place) {
      see(place)
      current = { ...current, ...placeOf(place) }
    },
    async write(next, over, writeOptions) {
      const { revision: known } = current
      const before = expected.tag
      see(over)
      const { rollout, decisions } = numberedOver(next, over)
      const fence = Math.max(rollout.fence, over.fence, writeOptions?.lease?.fence ?? 0)
      const written = { ...rollout, fence, revision: highest + 1, tag: `${writer}.${++writes}` }
      const kind = await checked.write({ rollout: written, decisions }, over, writeOptions)
      if (kind === 'deposed') options.onDeposed?.()
      if (kind !== 'written') return undefined
      see(written)
      if (expected.tag === before) expected = placeOf(written) // a late answer must not replace that of a later write
      if (over.revision < known) options.onLost(describeLost(over.revision, known))
      return written
    },
    async keep(next, lease) {
      const kind = await checked.keep(next, lease)
      if (kind === 'deposed') options.onDeposed?.()
      return kind === 'kept'
    },
  }
}

const placeOf = ({ tag, revision, decided, fence }: StoredPlace): StoredPlace => ({ tag, revision, decided, fence })
