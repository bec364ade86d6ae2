import type { StreamObserver } from './stream-observer.js'

/** Who watches one source. A model may return the same one again: it is watched once, and all are told. */
export interface Audience {
  /** Whether it has turned out that the source cannot be watched. */
  readonly isBlind: boolean
  /** Adds an observer. */
  add(observer: StreamObserver): void
  /** Tells everybody who is there at the time. */
  readonly everybody: StreamObserver
  /** Tells those who came since the last time this was asked: one reading of a source that can be read again. */
  next(): StreamObserver
}

/** The sources that are watched. */
const audiences = new WeakMap<object, Audience>()

/** Whether a source is watched already. */
export const isObserved = (source: object): boolean => audiences.has(source)

/** Adds an observer to a source's audience, and begins to watch where it is the first. */
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

/** From so many members on it is looked who is still there, and again whenever they have doubled. */
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
    ended: () => finish((member) => member.ended()),
    failed: (error) => finish((member) => member.failed(error)),
    abandoned: () => finish((member) => member.abandoned()),
    unseen: () => finish((member) => member.unseen()),
    mayStayUnread: () => each((member) => member.mayStayUnread()),
    isOver: () => members.size === 0,
  }
}
