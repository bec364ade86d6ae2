import type { News, NewsType } from '../rollout/news.js'
import { messageAbout, messagesAbout } from '../rollout/outbox.js'
import type { OwedMessage } from '../rollout/owed-message.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { Clock } from '../runtime/clock.js'
import type { Events } from '../runtime/events.js'
import { createUnderWay } from '../runtime/under-way.js'
import { createOwedMemory } from './owed-memory.js'

/** Delivers messages about a rollout to a receiver, such as a webhook. */
export interface Courier {
  /** Identifies the receiver: the same in every process, and not a secret. */
  readonly key: string
  /** The types of news that it delivers. */
  readonly types: readonly NewsType[]
  /** Returns whether it delivers this news of one of its types. Left out if it delivers all of them. */
  wants?(news: News): boolean
  /**
   * Sends news. `owed` is the stored message; `undefined` if the news is not stored.
   * Resolves to true if no further attempt is needed: it was accepted, or never will be. A rejection counts as false.
   */
  deliver(news: News, owed?: OwedMessage): Promise<boolean>
}

/** The couriers of a rollout, and the messages that are stored for them. */
export interface Couriers {
  /**
   * Adds a courier. It gets all news from now on, and the stored messages that an earlier process could not deliver.
   * The returned function removes it.
   */
  join(courier: Courier): () => void
  /** Passes the news of a change of the rollout to the couriers. */
  tell(news: readonly News[], before: StoredRollout, after: StoredRollout): void
  /** Returns the messages about a change, to be stored with it. */
  made(before: StoredRollout, next: StoredRollout): readonly OwedMessage[]
  /** Returns the rollout with `added` and the pending alerts and decisions, and without the delivered messages. */
  stamp(next: StoredRollout, added?: readonly OwedMessage[]): StoredRollout
  /**
   * Stores the pending messages. Resolves when no delivery is in progress or the time is up; delivered ones are
   * removed.
   */
  settled(limitMs: number): Promise<void>
}

/** The options of {@link createCouriers}. */
export interface CouriersOptions {
  readonly clock: Clock
  /** The events that alerts and decisions are taken from. */
  readonly events: Pick<Events, 'on'>
  /** Returns the present rollout. */
  readonly current: () => StoredRollout
  /** Returns whether regular writes follow, which also add and remove messages. */
  readonly isWriting: () => boolean
  /** Returns whether this process delivers the news of a change: of several processes, only one does. */
  readonly isNotifier: () => boolean
  /** Writes the rollout again, with the pending messages and without the delivered ones. Must not reject. */
  readonly writeOff: () => Promise<void>
}

/** Creates an empty set of couriers. While it is empty, no message is stored. */
export function createCouriers({ clock, events, current, isWriting, isNotifier, writeOff }: CouriersOptions): Couriers {
  const couriers = new Set<Courier>()
  const memory = createOwedMemory(clock)
  const underWay = createUnderWay(clock)
  let said = 0
  let open = 0
  let isClosing = false

  const give = async (courier: Courier, news: News, owed?: OwedMessage): Promise<void> => {
    if (!isWantedBy(courier, news) || owed?.done?.includes(courier.key)) return
    open += 1
    if (owed) memory.give(owed)
    const isDone = await asked(courier, news, owed)
    open -= 1
    if (owed === undefined || !memory.answer(owed, isDone ? courier.key : undefined)) return // it is no longer stored
    if (isClosing || (open === 0 && !isWriting())) underWay.track(writeOff())
  }
  const hand = (courier: Courier, news: News, owed?: OwedMessage): void => underWay.track(give(courier, news, owed))

  /** Keeps an alert or a decision until it is delivered; the next write stores it. */
  const say = (news: News): void => {
    const wanting = [...couriers].filter((courier) => isWantedBy(courier, news))
    if (wanting.length === 0) return
    const owed = messageAbout(news, current(), clock.now(), ++said)
    memory.say(owed)
    for (const courier of wanting) hand(courier, news, owed)
  }
  const isWanted = (type: NewsType): boolean => [...couriers].some(({ types }) => types.includes(type))
  events.on('alert', (event) => say({ type: 'alert', event }))
  events.on('decision', (event) => say({ type: 'decision', event }))

  return {
    join(courier) {
      couriers.add(courier)
      for (const owed of memory.untold()) if (memory.isDue(owed)) hand(courier, owed.news, owed)
      return () => void couriers.delete(courier)
    },
    tell(news, before, after) {
      memory.follow(before, after)
      if (!isNotifier()) return
      const unmatched = [...news]
      for (const owed of memory.untold()) {
        const live = takeOut(unmatched, owed.news)
        const own = live?.type === 'rolled-back' ? live : owed.news // only the live event has the errors
        if (couriers.size === 0 || !memory.isDue(owed)) continue
        memory.tell(owed)
        for (const courier of couriers) hand(courier, own, owed)
      }
      if (before.revision === 0) return // the rollout was resumed: news that is not owed was delivered before
      for (const one of unmatched) for (const courier of couriers) hand(courier, one)
    },
    made: (before, next) => (couriers.size === 0 ? [] : messagesAbout(before, next, clock.now(), isWanted)),
    stamp: memory.stamp,
    settled(limitMs) {
      isClosing = true
      underWay.track(writeOff())
      return underWay.settled(limitMs)
    },
  }
}

/** Returns whether a courier delivers this news; false if `wants` throws, because it may be third-party code. */
function isWantedBy(courier: Courier, news: News): boolean {
  if (!courier.types.includes(news.type)) return false
  try {
    return courier.wants?.(news) !== false
  } catch {
    return false
  }
}

/** Returns whether the courier needs no further attempt; false if it rejects. */
async function asked(courier: Courier, news: News, owed?: OwedMessage): Promise<boolean> {
  try {
    return (await courier.deliver(news, owed)) === true
  } catch {
    return false
  }
}

/** Removes the news of a stored message from a list and returns it; `undefined` if it is not in the list. */
function takeOut(news: News[], owed: News): News | undefined {
  const at = news.findIndex((one) => isSame(one, owed))
  return at < 0 ? undefined : news.splice(at, 1)[0]
}

function isSame(one: News, other: News): boolean {
  if (one.type === 'alert' || other.type === 'alert') return false
  if (one.type !== other.type || one.event.epoch !== other.event.epoch) return false
  return (
    one.type !== 'step' ||
    other.type !== 'step' ||
    (one.event.to === other.event.to && one.event.weight === other.event.weight)
  )
}
