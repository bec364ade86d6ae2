import type { Fleet } from '../rollout/fleet.js'
import type { Clock } from '../runtime/clock.js'
import { pause } from '../runtime/deadline.js'

/** What happens to the calls of a connection: `mute` carries the call out, and never answers. */
export type Way = 'open' | 'fails' | 'hangs' | 'mute' | { readonly thereMs: number; readonly backMs: number }

/** A connection to a store that a test can break. */
export interface Line {
  readonly fleet: Fleet
  way: Way
  /** The names of all calls so far. */
  readonly calls: readonly string[]
  /** The largest number of calls that were neither answered nor aborted at one time. */
  readonly mostPending: number
}

/** Puts such a connection in front of a store. */
export function createLine(store: Fleet, clock: Clock): Line {
  const calls: string[] = []
  let pending = 0
  let mostPending = 0
  const carry =
    <Args extends unknown[], Answer>(name: string, call: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      const signal = args.at(-1) as AbortSignal
      calls.push(name)
      pending += 1
      mostPending = Math.max(mostPending, pending)
      let isOver = false
      const over = () => {
        if (!isOver) pending -= 1
        isOver = true
      }
      signal.addEventListener('abort', over)
      const { way } = line
      try {
        if (way === 'fails') throw new Error('connection refused')
        if (way === 'hangs') return await new Promise<never>(() => {})
        if (typeof way === 'object') await pause(clock, way.thereMs)
        const answer = await call(...args)
        if (way === 'mute') return await new Promise<never>(() => {})
        if (typeof way === 'object') await pause(clock, way.backMs)
        return answer
      } finally {
        over()
      }
    }
  const line = {
    way: 'open' as Way,
    fleet: {
      lease: carry('lease', store.lease),
      keep: carry('keep', store.keep),
      publish: carry('publish', store.publish),
      collect: carry('collect', store.collect),
      members: carry('members', store.members),
    },
    calls,
    get mostPending() {
      return mostPending
    },
  }
  return line
}
