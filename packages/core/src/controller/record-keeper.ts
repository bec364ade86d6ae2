import { DECISIONS_KEPT, DECISIONS_LOADED, type Head, type Records } from '../rollout/records.js'
import type { RecordWrite, StateStore, WriteAnswer } from '../rollout/store.js'

/** The records of one rollout in memory. */
export interface RecordKeeper extends Pick<StateStore, 'follow'> {
  /** Returns the records; `undefined` before the first write. */
  readonly read: (() => Records) | undefined
  /** The stored head; `undefined` before the first write. */
  readonly head: Head | undefined
  /** Writes if the stored head has the expected tag and the lease is in force, and calls the listeners. */
  write(change: RecordWrite, isInForce?: () => boolean): WriteAnswer
  /** Replaces the body. */
  keepBody(body: Records['body']): void
  forgetListeners(): void
}

/** Creates a keeper without records. `keep` receives the records of every write and returns the function that reads them. */
export function createRecordKeeper(keep: (records: Records) => () => Records): RecordKeeper {
  const listeners = new Set<(head: Head) => void>()
  let kept: Records | undefined
  let read: (() => Records) | undefined
  const become = (records: Records): void => {
    read = keep({ ...records, history: records.history.slice(-DECISIONS_LOADED) })
    kept = { ...read(), history: records.history }
  }

  return {
    get read() {
      return read
    },
    get head() {
      return kept?.head
    },
    write({ expect, head, body, decisions = [], lease }, isInForce = () => true) {
      if (kept?.head.tag === head.tag) return { kind: 'written' }
      if ((kept?.head.tag ?? null) !== expect) return { kind: 'moved', head: read?.().head }
      if (lease !== undefined && !isInForce()) return { kind: 'deposed', head: read?.().head }
      const history = [...(kept?.history ?? []), ...decisions].slice(-DECISIONS_KEPT)
      become({ head, body: body ?? kept?.body ?? null, history })
      for (const listener of listeners) listener(read!().head)
      return { kind: 'written' }
    },
    keepBody(body) {
      if (kept !== undefined) become({ ...kept, body })
    },
    follow(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    forgetListeners: () => listeners.clear(),
  }
}
