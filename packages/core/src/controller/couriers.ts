import type { News, NewsType } from '../rollout/news.js'
import { messageAbout, messagesAbout } from '../rollout/outbox.js'
import type { OwedMessage } from '../rollout/owed-message.js'
import type { StoredRollout } from '../rollout/store.js'
import type { Clock } from '../runtime/clock.js'
import type { Events } from '../runtime/events.js'
import { createUnderWay } from '../runtime/under-way.js'
import { createOwedMemory } from './owed-memory.js'

/** What brings messages about a rollout to a receiver, such as a webhook. */
export interface Courier {
  /** The same in every process for the same receiver, and no secret. */
  readonly key: string
  /** What it delivers. */
  readonly types: readonly NewsType[]
  /** Whether it delivers this one of its types; left out where it delivers them all. */
  wants?(news: News): boolean
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
  /** The rollout with these messages more, with the alerts and decisions that wait, and without those that are through. */
  stamp(next: StoredRollout, added?: readonly OwedMessage[]): StoredRollout
  /** Stores what waits, and resolves when nothing is under way any more, or the time is up; what is through until then is written off. */
  settled(limitMs: number): Promise<void>
}

/** What they need. */
export interface CouriersOptions {
  readonly clock: Clock
  /** Where alerts and decisions are said. */
  readonly events: Pick<Events, 'on'>
  /** Where the rollout stands. */
  readonly current: () => StoredRollout
  /** Whether ordinary writes follow, with which a message can come and go. */
  readonly isWriting: () => boolean
  /** Writes what is stored once more, with what waits and without what is through; must not reject. */
  readonly writeOff: () => Promise<void>
}

/** Begins without couriers: then nothing is stored. */
export function createCouriers({ clock, events, current, isWriting, writeOff }: CouriersOptions): Couriers {
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
    if (owed === undefined || !memory.answer(owed, isDone ? courier.key : undefined)) return // it is kept no longer
    if (isClosing || (open === 0 && !isWriting())) underWay.track(writeOff())
  }
  const hand = (courier: Courier, news: News, owed?: OwedMessage): void => underWay.track(give(courier, news, owed))

  /** What is said is kept here until it is through, and stored with whatever is written next. */
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
      const unmatched = [...news]
      for (const owed of memory.untold()) {
        const live = takeOut(unmatched, owed.news)
        const own = live?.type === 'rolled-back' ? live : owed.news // the live one has the errors
        if (couriers.size === 0 || !memory.isDue(owed)) continue
        memory.tell(owed)
        for (const courier of couriers) hand(courier, own, owed)
      }
      if (before.revision === 0) return // it is taken up: what is not owed was told
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

/** A courier may be anybody's: what it throws is its own matter. */
function isWantedBy(courier: Courier, news: News): boolean {
  if (!courier.types.includes(news.type)) return false
  try {
    return courier.wants?.(news) !== false
  } catch {
    return false
  }
}

/** Returns whether it has no more to do; a rejection is a no. */
async function asked(courier: Courier, news: News, owed?: OwedMessage): Promise<boolean> {
  try {
    return (await courier.deliver(news, owed)) === true
  } catch {
    return false
  }
}

/** Takes out of a list what a stored message is about. */
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
