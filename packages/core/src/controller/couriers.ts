import type { News, NewsType } from '../rollout/news.js'
import { boundOutbox, messageAbout, messagesAbout, OWED_FOR_MS, withOutbox } from '../rollout/outbox.js'
import type { OwedMessage } from '../rollout/owed-message.js'
import type { StoredRollout } from '../rollout/store.js'
import type { Clock } from '../runtime/clock.js'
import type { Events } from '../runtime/events.js'
import { createUnderWay } from '../runtime/under-way.js'

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
  const told = new Set<string>() // ids that this process has handed over
  const done = new Map<string, Set<string>>() // keys of the couriers that are done, by id
  const waiting = new Map<string, number>() // couriers that are not done, by id
  const underWay = createUnderWay(clock)
  let outbox: readonly OwedMessage[] = []
  let loose: readonly OwedMessage[] = [] // alerts and decisions of this process that are not through, stored or not
  const stored = new Set<string>() // ids of them that the store has had
  let saidSoFar = 0
  let open = 0
  let isClosing = false

  const give = async (courier: Courier, news: News, owed?: OwedMessage): Promise<void> => {
    if (!isWantedBy(courier, news) || owed?.done?.includes(courier.key)) return
    open += 1
    if (owed) waiting.set(owed.id, (waiting.get(owed.id) ?? 0) + 1)
    const isDone = await asked(courier, news, owed)
    open -= 1
    const left = owed && waiting.get(owed.id)
    if (owed === undefined || left === undefined) return // it is kept no longer
    if (isDone) {
      waiting.set(owed.id, left - 1)
      done.set(owed.id, (done.get(owed.id) ?? new Set()).add(courier.key))
      if (left === 1) loose = loose.filter(({ id }) => id !== owed.id)
    }
    if (isClosing || (open === 0 && !isWriting())) underWay.track(writeOff())
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
    const ids = new Set([...outbox, ...loose].map(({ id }) => id))
    for (const memory of [told, done, waiting, stored])
      for (const id of memory.keys()) if (!ids.has(id)) memory.delete(id)
  }

  /** What the store had and has no longer, another process is through with. */
  const takeBack = (): void => {
    const ids = new Set(outbox.map(({ id }) => id))
    loose = loose.filter(({ id }) => ids.has(id) || !stored.has(id))
    for (const { id } of loose) if (ids.has(id)) stored.add(id)
  }

  /** What is said is kept here until it is through, and stored with whatever is written next. */
  const say = (news: News): void => {
    const wanting = [...couriers].filter((courier) => isWantedBy(courier, news))
    if (wanting.length === 0) return
    saidSoFar += 1
    const owed = messageAbout(news, current(), clock.now(), saidSoFar)
    loose = boundOutbox([...loose, owed], clock.now())
    forget()
    told.add(owed.id)
    for (const courier of wanting) hand(courier, news, owed)
  }
  events.on('alert', (event) => say({ type: 'alert', event }))
  events.on('decision', (event) => say({ type: 'decision', event }))

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
      if (after.revision > before.revision) takeBack()
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
      const stored = next.outbox ?? []
      const ids = new Set([...stored, ...added].map(({ id }) => id))
      const kept = [...stored, ...loose.filter(({ id }) => !ids.has(id))].flatMap(remaining)
      const outbox = boundOutbox([...kept, ...added], clock.now())
      return next.outbox === undefined && outbox.length === 0 ? next : withOutbox(next, outbox)
    },
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

function isSame(one: News, other: News): boolean {
  if (one.type === 'alert' || other.type === 'alert') return false
  if (one.type !== other.type || one.event.epoch !== other.event.epoch) return false
  return (
    one.type !== 'step' ||
    other.type !== 'step' ||
    (one.event.to === other.event.to && one.event.weight === other.event.weight)
  )
}
