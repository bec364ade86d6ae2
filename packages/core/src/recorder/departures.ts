/** Recent departures without an answer, so that one departure counts once. Time is always an argument. */
export interface Departures {
  /**
   * Adds a departure. Returns whether one with the same key or hash, or with the same connection that is closed now, was
   * added within the last second. Calls that leave an open connection, as in HTTP/2, leave it one by one.
   */
  isRepeated(key: string | number | undefined, socket: object | undefined, at: number): boolean
}

/** Calls of one key or connection that end unanswered within this many milliseconds count as one. */
const SAME_DEPARTURE_MS = 1_000

/** The maximum number of keys in memory. */
const MOST_KEYS = 64

/** Returns whether a connection is known to be open. */
const isOpen = (socket: { readonly destroyed?: unknown }): boolean => socket.destroyed === false

/** Creates an empty record. Connections are held weakly, and an empty key counts as no key. */
export function createDepartures(): Departures {
  const keys = new Map<string | number, number>()
  const sockets = new WeakMap<object, number>()

  const isRecent = (last: number | undefined, at: number): boolean =>
    last !== undefined && at - last < SAME_DEPARTURE_MS

  const note = (key: string | number, at: number): void => {
    keys.delete(key) // moves the key to the end
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
      if (socket && !isOpen(socket) && isRecent(sockets.get(socket), at)) return true
      if (key !== undefined) note(key, at)
      if (socket) sockets.set(socket, at)
      return false
    },
  }
}
