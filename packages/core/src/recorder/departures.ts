/** Who has just left without an answer, so that one departure is not taken for many. Time is always an argument. */
export interface Departures {
  /** Notes a departure; `true` if one of the same key, or hash of one, or connection was noted less than a second before. */
  isRepeated(key: string | number | undefined, socket: object | undefined, at: number): boolean
}

/** Calls of one key or one connection that end unanswered within so many milliseconds are one. */
const SAME_DEPARTURE_MS = 1_000

/** How many keys are remembered. */
const MOST_KEYS = 64

/** Makes an empty record. Connections are held weakly, and an empty key is none. */
export function createDepartures(): Departures {
  const keys = new Map<string | number, number>()
  const sockets = new WeakMap<object, number>()

  const isRecent = (last: number | undefined, at: number): boolean =>
    last !== undefined && at - last < SAME_DEPARTURE_MS

  const note = (key: string | number, at: number): void => {
    keys.delete(key) // the latest comes last
    keys.set(key, at)
    if (keys.size <= MOST_KEYS) return
    for (const oldest of keys.keys()) {
      keys.delete(oldest)
      return
    }
  }

  return {
    isRepeated(given, socket, at) {
      const key = given === '' ? undefined : given
      if (key !== undefined && isRecent(keys.get(key), at)) return true
      if (socket && isRecent(sockets.get(socket), at)) return true
      if (key !== undefined) note(key, at)
      if (socket) sockets.set(socket, at)
      return false
    },
  }
}
