import type { Clock } from '../clock.js'
import type { News, NewsType } from './news.js'
import { boundOutbox, messagesAbout, OWED_FOR_MS, type OwedMessage, withOutbox } from './outbox.js'
import type { StoredRollout } from './store.js'
import { createUnderWay } from './under-way.js'

/** What brings messages about a rollout to a receiver, such as a webhook. */
export interface Courier {
  /** The same in every process for the same receiver, and no secret. */
  readonly key: string
  /** What it delivers. */
  readonly types: readonly NewsType[]
  /**
   * Sends news. `owed` is the message as it is stored, where it is.
   * Resolves to true when nothing is left to be done: it was taken, or never will be; a rejection is a no.
   */
  deliver(news: News, owed?: OwedMessage): Promise<boolean>
}

/** The couriers of a rollout, and what of their messages is stored. */
export interface Couriers {
  /** Hands over what happens from now on, and what a process before this one was left with; the returned function ends that. */
  join(courier: Courier): () => void
  /** The rollout moved: hands over what is to be told. */
  tell(news: readonly News[], before: StoredRollout, after: StoredRollout): void
  /** The messages that a change makes. */
  made(before: StoredRollout, next: StoredRollout): readonly OwedMessage[]
  /** The rollout with these messages more, and without those that are through. */
  stamp(next: StoredRollout, added?: readonly OwedMessage[]): StoredRollout
  /** Resolves when nothing is under way any more, or the time is up; what is through until then is written off. */
  settled(limitMs: number): Promise<void>
}

/** What they need. */
export interface CouriersOptions {
  readonly clock: Clock
  /** Whether ordinary writes follow, with which a message that is through can go. */
  readonly isLive: () => boolean
  /** Writes what is stored once more, without what is through. */
  readonly writeOff: () => void
}

/** Begins without couriers: then nothing is stored. */
export function createCouriers({ clock, isLive, writeOff }: CouriersOptions): Couriers {
  const couriers = new Set<Courier>()
  const told = new Set<string>() // ids that this process has handed over
  const done = new Map<string, Set<string>>() // keys of the couriers that are done, by id
  const waiting = new Map<string, number>() // couriers that are not done, by id
  const underWay = createUnderWay(clock)
  let outbox: readonly OwedMessage[] = []
  let open = 0
  let isClosing = false

  const give = async (courier: Courier, news: News, owed?: OwedMessage): Promise<void> => {
    if (!courier.types.includes(news.type) || owed?.done?.includes(courier.key)) return
    open += 1
    if (owed) waiting.set(owed.id, (waiting.get(owed.id) ?? 0) + 1)
    const isDone = await asked(courier, news, owed)
    open -= 1
    if (!owed || !isDone) return
    const left = waiting.get(owed.id)
    if (left === undefined) return // it is stored no longer
    waiting.set(owed.id, left - 1)
    done.set(owed.id, (done.get(owed.id) ?? new Set()).add(courier.key))
    if (isClosing || (open === 0 && !isLive())) writeOff()
  }
  const hand = (courier: Courier, news: News, owed?: OwedMessage): void => underWay.track(give(courier, news, owed))
  const isDue = ({ at }: OwedMessage): boolean => clock.now() - at <= OWED_FOR_MS

  const remaining = (owed: OwedMessage): readonly OwedMessage[] => {
    const keys = done.get(owed.id)
    if (keys === undefined) return [owed]
    return waiting.get(owed.id) === 0 ? [] : [{ ...owed, done: [...new Set([...(owed.done ?? []), ...keys])] }]
  }

  /** What is stored no longer needs no memory here. */
  const forget = (): void => {
    const ids = new Set(outbox.map(({ id }) => id))
    for (const memory of [told, done, waiting]) for (const id of memory.keys()) if (!ids.has(id)) memory.delete(id)
  }

  return {
    join(courier) {
      couriers.add(courier)
      for (const owed of outbox) if (!told.has(owed.id) && isDue(owed)) hand(courier, owed.news, owed)
      return () => {
        couriers.delete(courier)
      }
    },
    tell(news, before, after) {
      outbox = after.outbox ?? []
      forget()
      const unmatched = [...news]
      for (const owed of outbox) {
        if (told.has(owed.id)) continue
        const at = unmatched.findIndex((one) => isSame(one, owed.news))
        const live = at < 0 ? undefined : unmatched.splice(at, 1)[0]
        const own = live?.type === 'rolled-back' ? live : owed.news // the live one has the errors
        if (couriers.size === 0 || !isDue(owed)) continue
        told.add(owed.id)
        for (const courier of couriers) hand(courier, own, owed)
      }
      if (before.revision === 0) return // it is taken up: what is not owed was told
      for (const one of unmatched) for (const courier of couriers) hand(courier, one)
    },
    made: (before, next) => {
      const wanted = (type: NewsType): boolean => [...couriers].some((courier) => courier.types.includes(type))
      return couriers.size === 0 ? [] : messagesAbout(before, next, clock.now(), wanted)
    },
    stamp(next, added = []) {
      if (next.outbox === undefined && added.length === 0) return next
      return withOutbox(next, boundOutbox([...(next.outbox ?? []).flatMap(remaining), ...added], clock.now()))
    },
    settled(limitMs) {
      isClosing = true
      if (done.size > 0) writeOff()
      return underWay.settled(limitMs)
    },
  }
}

/** A courier may be anybody's: what it throws is its own matter. */
async function asked(courier: Courier, news: News, owed?: OwedMessage): Promise<boolean> {
  try {
    return (await courier.deliver(news, owed)) === true
  } catch {
    return false
  }
}

function isSame(one: News, other: News): boolean {
  if (one.type !== other.type || one.event.epoch !== other.event.epoch) return false
  return (
    one.type !== 'step' ||
    other.type !== 'step' ||
    (one.event.to === other.event.to && one.event.weight === other.event.weight)
  )
}
