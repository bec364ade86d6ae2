import type { StoredRollout } from '../rollout/store.js'
import type { CheckedStore } from './checked-store.js'
import { describeLost } from './older-reads.js'

/** The rollout as this process knows it, and the revision that its next write goes over. */
export interface KnownRollout {
  readonly current: StoredRollout
  /** Below the revision known here if the store has lost writes. */
  readonly expected: number
  /** The store was found to hold this revision. */
  expect(revision: number): void
  /** Another rollout is true here from now on. */
  become(next: StoredRollout): void
  /** The same rollout, under another revision. */
  renumber(revision: number): void
  /** Writes over a revision. Resolves to what is stored then, or to `undefined` if another revision was. */
  write(next: StoredRollout, over: number): Promise<StoredRollout | undefined>
}

/** What knowing a rollout needs. */
export interface KnownRolloutOptions {
  readonly fresh: StoredRollout
  readonly onChange: (before: StoredRollout, after: StoredRollout) => void
  /** Called when the store had lost what was known here, for good: with a sentence, once it is put right. */
  readonly onLost: (message: string) => void
}

/** Begins with a rollout that is not stored. */
export function createKnownRollout(options: KnownRolloutOptions, checked: CheckedStore): KnownRollout {
  let current = options.fresh
  let expected = 0
  return {
    get current() {
      return current
    },
    get expected() {
      return expected
    },
    expect(revision) {
      expected = revision
    },
    become(next) {
      const before = current
      current = next
      options.onChange(before, next)
    },
    renumber(revision) {
      current = { ...current, revision }
    },
    async write(next, over) {
      const { revision: known } = current
      const written = { ...next, revision: Math.max(over, known) + 1 } // above every one that another process may have seen
      if (!(await checked.write(written, over))) return undefined
      expected = written.revision
      if (over < known) options.onLost(describeLost(over, known))
      return written
    },
  }
}
