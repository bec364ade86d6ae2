import type { StreamObserver } from './stream-observer.js'

/** The observers of one source. If a model returns a source again, it is watched once and notifies all of them. */
export interface Audience {
  /** Whether the source has turned out to be unwatchable. */
  readonly isBlind: boolean
  /** Adds an observer. */
  add(observer: StreamObserver): void
  /** Notifies all observers. */
  readonly everybody: StreamObserver
  /** Returns an observer for those added since the last call: for one reading of a source that can be read again. */
  next(): StreamObserver
}

/** The watched sources. */
const audiences = new WeakMap<object, Audience>()

/** Returns whether a source is already watched. */
export const isObserved = (source: object): boolean => audiences.has(source)

/** Adds an observer to a source; the first one starts the watch. */
export function observeOnce(source: object, observer: StreamObserver, watch: (audience: Audience) => void): void {
  const present = audiences.get(source)
  if (present?.isBlind) {
    observer.unseen()
    return
  }
  const audience = present ?? createAudience()
  audience.add(observer)
  if (present !== undefined) return
  audiences.set(source, audience)
  watch(audience)
}

/** At this number of observers, finished ones are removed, and again whenever the number has doubled. */
const MANY = 64

function createAudience(): Audience {
  const members = new Set<StreamObserver>()
  let many = MANY
  let isBlind = false
  const everybody = tell(members)
  return {
    get isBlind() {
      return isBlind
    },
    add(observer) {
      members.add(observer)
      if (members.size < many) return
      for (const member of members) if (member.isOver?.()) members.delete(member)
      many = Math.max(MANY, 2 * members.size)
    },
    everybody: {
      ...everybody,
      unseen() {
        isBlind = true
        everybody.unseen()
      },
    },
    next() {
      const taken = new Set(members)
      members.clear()
      return tell(taken)
    },
  }
}

function tell(members: Set<StreamObserver>): StreamObserver {
  const each = (say: (member: StreamObserver) => void): void => {
    for (const member of members) say(member)
  }
  const finish = (say: (member: StreamObserver) => void): void => {
    each(say)
    members.clear()
  }
  return {
    parked: (isParked) => each((member) => member.parked(isParked)),
    chunk: () => each((member) => member.chunk()),
    mayHaveOutput: () => each((member) => member.mayHaveOutput()),
    ended: () => finish((member) => member.ended()),
    failed: (error) => finish((member) => member.failed(error)),
    abandoned: () => finish((member) => member.abandoned()),
    unseen: () => finish((member) => member.unseen()),
    mayStayUnread: () => each((member) => member.mayStayUnread()),
    isOver: () => members.size === 0,
  }
}
