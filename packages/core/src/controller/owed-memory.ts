import { boundOutbox, OWED_FOR_MS, withOutbox } from '../rollout/outbox.js'
import type { OwedMessage } from '../rollout/owed-message.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { Clock } from '../runtime/clock.js'

/** Records which owed messages this process has passed to its couriers, and which couriers are done with them. */
export interface OwedMemory {
  /** Returns the stored messages that this process has not passed to couriers. */
  untold(): readonly OwedMessage[]
  /** Returns whether a message is recent enough to be delivered. */
  isDue(owed: OwedMessage): boolean
  /** Records that this process passes a message to its couriers. */
  tell(owed: OwedMessage): void
  /** Adds a message of this process, passed to its couriers and kept until it is delivered. */
  say(owed: OwedMessage): void
  /** Records that one more courier delivers a message. */
  give(owed: OwedMessage): void
  /**
   * Records that the courier with this key is done with a message, or that a courier failed if `key` is `undefined`.
   * Returns false if the message is no longer kept.
   */
  answer(owed: OwedMessage, key: string | undefined): boolean
  /** Takes the stored messages of a changed rollout. */
  follow(before: StoredRollout, after: StoredRollout): void
  /** Returns the rollout with `added` and the messages of this process, and without the delivered ones. */
  stamp(next: StoredRollout, added?: readonly OwedMessage[]): StoredRollout
}

/** Creates a memory without messages. */
export function createOwedMemory(clock: Pick<Clock, 'now'>): OwedMemory {
  const told = new Set<string>() // ids that this process has passed to couriers
  const done = new Map<string, Set<string>>() // keys of the couriers that are done, by id
  const waiting = new Map<string, number>() // couriers that are not done, by id
  const stored = new Set<string>() // ids of those in `loose` that were once stored
  let outbox: readonly OwedMessage[] = []
  let loose: readonly OwedMessage[] = [] // undelivered alerts and decisions of this process, stored or not

  /** Forgets the messages that no longer exist. */
  const forget = (): void => {
    const ids = idsOf([...outbox, ...loose])
    for (const memory of [told, done, waiting, stored])
      for (const id of memory.keys()) if (!ids.has(id)) memory.delete(id)
  }

  /** Drops the messages that are no longer stored: another process has delivered them. */
  const takeBack = (): void => {
    const ids = idsOf(outbox)
    loose = loose.filter(({ id }) => ids.has(id) || !stored.has(id))
    for (const { id } of loose) if (ids.has(id)) stored.add(id)
  }

  return {
    untold: () => outbox.filter(({ id }) => !told.has(id)),
    isDue: ({ at }) => clock.now() - at <= OWED_FOR_MS,
    tell: ({ id }) => void told.add(id),
    say(owed) {
      loose = boundOutbox([...loose, owed], clock.now())
      forget()
      told.add(owed.id)
    },
    give: ({ id }) => void waiting.set(id, (waiting.get(id) ?? 0) + 1),
    answer({ id }, key) {
      const left = waiting.get(id)
      if (left === undefined) return false
      if (key === undefined) return true
      waiting.set(id, left - 1)
      done.set(id, (done.get(id) ?? new Set()).add(key))
      if (left === 1) loose = loose.filter((owed) => owed.id !== id)
      return true
    },
    follow(before, after) {
      outbox = after.outbox ?? []
      if (after.revision > before.revision) takeBack()
      forget()
    },
    stamp(next, added = []) {
      const kept = next.outbox ?? []
      const ids = idsOf([...kept, ...added])
      const left = [...kept, ...loose.filter(({ id }) => !ids.has(id))].flatMap((owed) =>
        remainingOf(owed, done.get(owed.id), waiting.get(owed.id)),
      )
      const bounded = boundOutbox([...left, ...added], clock.now())
      return next.outbox === undefined && bounded.length === 0 ? next : withOutbox(next, bounded)
    },
  }
}

const idsOf = (messages: readonly OwedMessage[]): ReadonlySet<string> => new Set(messages.map(({ id }) => id))

/** Returns a message with the couriers that are done with it; an empty list if all of them are. */
function remainingOf(owed: OwedMessage, done: ReadonlySet<string> | undefined, waiting: number | undefined) {
  if (done === undefined) return [owed]
  return waiting === 0 ? [] : [{ ...owed, done: [...new Set([...(owed.done ?? []), ...done])] }]
}
