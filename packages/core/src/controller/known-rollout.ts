import type { StoredRollout } from '../rollout/store.js'
import type { CheckedStore } from './checked-store.js'
import { describeLost } from './older-reads.js'

/** The rollout as this process knows it, and the stored revision that its next write replaces. */
export interface KnownRollout {
  readonly current: StoredRollout
  /** Below the revision known here if the store has lost writes. */
  readonly expected: number
  /** Records that the store holds this revision. */
  expect(revision: number): void
  /** Replaces the rollout in this process. */
  become(next: StoredRollout): void
  /** Gives the same rollout another revision. */
  renumber(revision: number): void
  /** Writes over a revision. Resolves to the stored rollout, or to `undefined` if the store held another revision. */
  write(next: StoredRollout, over: number): Promise<StoredRollout | undefined>
}

/** The options of {@link createKnownRollout}. */
export interface KnownRolloutOptions {
  readonly fresh: StoredRollout
  readonly onChange: (before: StoredRollout, after: StoredRollout) => void
  /** Called with a sentence when the store had permanently lost this rollout and was repaired. */
  readonly onLost: (message: string) => void
}

/** Creates an object with a rollout that is not stored. */
export function createKnownRollout(options: KnownRolloutOptions, checked: CheckedStore): KnownRollout {
  let current = options.fresh
  let expected = 0
  let highest = 0 // of all revisions that were ever seen
  const see = (revision: number): void => {
    highest = Math.max(highest, revision)
  }
  return {
    get current() {
      return current
    },
    get expected() {
      return expected
    },
    expect(revision) {
      see(revision)
      expected = revision
    },
    become(next) {
      const before = current
      see(next.revision)
      current = next
      options.onChange(before, next)
    },
    renumber(revision) {
      see(revision)
      current = { ...current, revision }
    },
    async write(next, over) {
      const { revision: known } = current
      const before = expected
      see(over)
      const written = { ...next, revision: highest + 1 }
      if (!(await checked.write(written, over))) return undefined
      see(written.revision)
      if (expected === before) expected = written.revision // a late answer must not replace that of a later write
      if (over < known) options.onLost(describeLost(over, known))
      return written
    },
  }
}
