import { boundOutbox, OWED_FOR_MS, withOutbox } from '../rollout/outbox.js'
import type { OwedMessage } from '../rollout/owed-message.js'
import type { StoredRollout } from '../rollout/store.js'
import type { Clock } from '../runtime/clock.js'

/** What this process knows of the messages that are owed: which it has handed over, and to whom they are through. */
export interface OwedMemory {
  /** The stored messages that this process has not handed over. */
  untold(): readonly OwedMessage[]
  /** Whether it is still worth delivering. */
  isDue(owed: OwedMessage): boolean
  /** It is handed over by this process. */
  tell(owed: OwedMessage): void
  /** A message of this process is kept until it is through, and handed over. */
  say(owed: OwedMessage): void
  /** One more courier has it. */
  give(owed: OwedMessage): void
  /** A courier is done with it, or has failed if `key` is `undefined`. Returns false if the message is kept no longer. */
  answer(owed: OwedMessage, key: string | undefined): boolean
  /** The rollout moved: its stored messages may be others. */
  follow(before: StoredRollout, after: StoredRollout): void
  /** Returns the rollout with these messages more, with those of this process, and without those that are through. */
  stamp(next: StoredRollout, added?: readonly OwedMessage[]): StoredRollout
}

/** Begins with nothing owed. */
export function createOwedMemory(clock: Pick<Clock, 'now'>): OwedMemory {
  const told = new Set<string>() // ids that this process has handed over
  const done = new Map<string, Set<string>>() // keys of the couriers that are done, by id
  const waiting = new Map<string, number>() // couriers that are not done, by id
  const stored = new Set<string>() // ids of the loose ones that the store has had
  let outbox: readonly OwedMessage[] = []
  let loose: readonly OwedMessage[] = [] // alerts and decisions of this process that are not through, stored or not

  /** What is stored no longer needs no memory here. */
  const forget = (): void => {
    const ids = idsOf([...outbox, ...loose])
    for (const memory of [told, done, waiting, stored])
      for (const id of memory.keys()) if (!ids.has(id)) memory.delete(id)
  }

  /** What the store had and has no longer, another process is through with. */
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

/** Returns a message with the couriers that are done with it, and nothing once no courier is left. */
function remainingOf(owed: OwedMessage, done: ReadonlySet<string> | undefined, waiting: number | undefined) {
  if (done === undefined) return [owed]
  return waiting === 0 ? [] : [{ ...owed, done: [...new Set([...(owed.done ?? []), ...done])] }]
}
