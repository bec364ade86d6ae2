import { readStored } from '../rollout/read-stored.js'
import type { Head, Records } from '../rollout/records.js'
import type { StateStore } from '../rollout/store.js'
import { bodyOf, documentOf, headOf, numberedOver, writeOf } from '../rollout/stored-records.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'

/** A signal that is never aborted. */
export const never = new AbortController().signal

/** Returns what a store holds as one object; `undefined` if it holds nothing. */
export async function storedIn(store: Pick<StateStore, 'load'>): Promise<StoredRollout | undefined> {
  const records = await store.load(never)
  return records && readStored(documentOf(records))
}

let writes = 0

/** Writes a rollout as another process does, if the store holds this revision (0 if nothing); returns whether it did. */
export async function putInto(
  store: Pick<StateStore, 'load' | 'write'>,
  rollout: StoredRollout,
  expectedRevision: number,
): Promise<boolean> {
  const held = await storedIn(store)
  if ((held?.revision ?? 0) !== expectedRevision) return false
  const place = held ?? { tag: '', revision: 0, decided: 0, fence: 0 }
  const numbered = numberedOver({ ...rollout, tag: `another.${++writes}` }, place)
  return (await store.write(writeOf(numbered, place), never)).kind === 'written'
}

/** Returns what a store holds if it has stored this rollout. */
export const recordsOf = (rollout: StoredRollout): Records => ({
  head: headOf(rollout),
  body: bodyOf(rollout),
  history: rollout.history,
})

/** Returns the answer to a write that was not made. */
export const moved = { kind: 'moved', head: undefined } as const

/** A variable that holds what is stored. */
export interface Kept {
  kept: StoredRollout | undefined
}

/** Creates a store over a variable, which a test may change. */
export function storeOver(held: Kept, listeners: Set<(head: Head) => void> = new Set()): StateStore {
  return {
    load: async () => held.kept && recordsOf(held.kept),
    async write({ expect, head, body = null, decisions = [] }) {
      if ((held.kept?.tag ?? null) !== expect) return moved
      held.kept = readStored(documentOf({ head, body, history: [...(held.kept?.history ?? []), ...decisions] }))
      for (const listener of listeners) listener(head)
      return { kind: 'written' }
    },
    follow(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {},
  }
}

/** Writes earlier records into an empty store. */
export async function putBack(store: StateStore, { head, body, history }: Records): Promise<void> {
  await store.write({ expect: null, head, ...(body && { body }), decisions: history }, never)
}
