import type { Decision } from '../rollout/decision.js'
import { type Body, DECISIONS_KEPT, DECISIONS_LOADED, type Head, type Records } from '../rollout/records.js'
import type { RecordWrite, StateStore, WriteAnswer } from '../rollout/store.js'

/** The records of one rollout in memory. */
export interface RecordKeeper extends Pick<StateStore, 'follow'> {
  /** Returns the records; `undefined` before the first write. */
  read(): Records | undefined
  /** The tag of the stored head; `null` before the first write. */
  readonly tag: string | null
  /** A copy of the stored head; `undefined` before the first write. */
  readonly head: Head | undefined
  /** Writes if the stored head has the expected tag and the lease is in force, and calls the listeners. */
  write(change: RecordWrite, isInForce?: () => boolean): WriteAnswer
  /** Replaces the body. */
  keepBody(body: Body): void
  forgetListeners(): void
}

/** Keeps a value, and returns the function that reads it. */
export type Keep = <Value extends object>(value: Value) => () => Value

/** Keeps values as JSON, so that nothing can change them, and a reader gets a copy. */
export const keepAsJson: Keep = (value) => {
  const text = JSON.stringify(value)
  return () => JSON.parse(text)
}

/**
 * Keeps a value's members as they are, and copies them as JSON for each reader: a rollout is written at every look, and
 * read hardly ever. Whoever writes must not change what a member holds, as a rollout never does.
 */
export const copyForReader: Keep = (value) => {
  const kept = { ...value }
  return () => JSON.parse(JSON.stringify(kept))
}

/** Creates a keeper without records. The parts are kept apart, so that a write reads none of them. */
export function createRecordKeeper(keep: Keep): RecordKeeper {
  const listeners = new Set<(head: Head) => void>()
  let head: (() => Head) | undefined
  let tag: string | null = null
  let body: () => Body | null = () => null
  let history: readonly (() => Decision)[] = []

  return {
    read() {
      if (head === undefined) return undefined
      return { head: head(), body: body(), history: history.slice(-DECISIONS_LOADED).map((decision) => decision()) }
    },
    get tag() {
      return tag
    },
    get head() {
      return head?.()
    },
    write(change, isInForce = () => true) {
      const { expect, lease, decisions = [] } = change
      if (tag === change.head.tag) return { kind: 'written' }
      if (tag !== expect) return { kind: 'moved', head: head?.() }
      if (lease !== undefined && !isInForce()) return { kind: 'deposed', head: head?.() }
      // all of it is kept before any of it is stored: a value may have no JSON
      const [nextHead, nextBody, added] = [keep(change.head), change.body && keep(change.body), decisions.map(keep)]
      head = nextHead
      tag = change.head.tag
      if (nextBody) body = nextBody
      if (added.length > 0) history = [...history, ...added].slice(-DECISIONS_KEPT)
      for (const listener of listeners) listener(nextHead())
      return { kind: 'written' }
    },
    keepBody(next) {
      if (head !== undefined) body = keep(next)
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
