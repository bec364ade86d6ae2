import type { StateStore } from '../rollout/store.js'

/** How a process reaches a store. */
export interface Line {
  state: 'up' | 'down' | 'hanging'
}

/** Returns a store with a lease as a process reaches it. */
export function onLine(inner: StateStore, line: Line): StateStore {
  const over = <Call extends (...input: never[]) => Promise<unknown>>(call: Call): Call =>
    (async (...input) => {
      if (line.state === 'down') throw new Error('the store is down')
      return line.state === 'hanging' ? new Promise<never>(() => {}) : call(...input)
    }) as Call
  const fleet = inner.fleet!
  return {
    load: over(inner.load),
    write: over(inner.write),
    follow: (listener) => inner.follow((head) => (line.state === 'up' ? listener(head) : undefined)),
    close: inner.close,
    fleet: { ...fleet, lease: over(fleet.lease), keep: over(fleet.keep) },
  }
}
