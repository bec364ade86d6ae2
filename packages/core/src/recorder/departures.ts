/** Recent departures without an answer, so that one departure counts once. Time is always an argument. */
export interface Departures {
  /**
   * Adds a departure. Returns whether one with the same key or hash, or with the same connection that is closed now, was
   * added within the last second. Calls that leave an open connection, as in HTTP/2, leave it one by one, and so do those
   * of a key that goes on leaving: it belongs to many clients, such as those of a tenant.
   */
  isRepeated(key: string | number | undefined, socket: object | undefined, at: number): boolean
}

/** Calls of one key or connection that end unanswered within this many milliseconds count as one. */
const SAME_DEPARTURE_MS = 1_000

/** A key that leaves in this many seconds in a row was not left by one client. */
const ONE_CLIENT_LEAVES = 3

/** When a key left last, and in how many seconds in a row it had left before. */
interface Departure {
  readonly at: number
  readonly before: number
}

/** The maximum number of keys in memory. */
const MOST_KEYS = 64

/** Returns whether a connection is known to be open. */
const isOpen = (socket: { readonly destroyed?: unknown }): boolean => socket.destroyed === false

/** Creates an empty record. Connections are held weakly, and an empty key counts as no key. */
export function createDepartures(): Departures {
  const keys = new Map<string | number, Departure>()
  const sockets = new WeakMap<object, number>()

  const isRecent = (last: number | undefined, at: number): boolean =>
    last !== undefined && at - last < SAME_DEPARTURE_MS

  const isOfOneClient = (last: Departure | undefined, at: number): boolean =>
    last !== undefined && isRecent(last.at, at) && last.before < ONE_CLIENT_LEAVES

  const note = (key: string | number, last: Departure | undefined, at: number): void => {
    keys.delete(key) // moves the key to the end
    keys.set(key, { at, before: last !== undefined && at - last.at < 2 * SAME_DEPARTURE_MS ? last.before + 1 : 0 })
    if (keys.size <= MOST_KEYS) return
    for (const oldest of keys.keys()) {
      keys.delete(oldest)
      return
    }
  }

  return {
    isRepeated(given, socket, at) {
      const key = given === '' ? undefined : given
      const last = key === undefined ? undefined : keys.get(key)
      if (isOfOneClient(last, at)) return true
      if (socket && !isOpen(socket) && isRecent(sockets.get(socket), at)) return true
      if (key !== undefined) note(key, last, at)
      if (socket) sockets.set(socket, at)
      return false
    },
  }
}
