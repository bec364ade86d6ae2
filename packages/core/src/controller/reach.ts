import type { Reached } from '../rollout/fleet-members.js'
import type { Clock } from '../runtime/clock.js'
import { pause, withDeadline } from '../runtime/deadline.js'
import { keptAlive } from '../runtime/keep-alive.js'
import type { Dispatcher } from './dispatcher.js'
import type { Replica } from './replica.js'

/** The options of {@link createReach}. */
export interface ReachOptions {
  /** This process as one of several; `undefined` if the store is not shared by several processes. */
  readonly replica: Pick<Replica, 'members'> | undefined
  /** True if the store is in the memory of this process. */
  readonly isAlone: boolean
  readonly dispatcher: Pick<Dispatcher, 'current' | 'isAhead'>
  readonly clock: Clock
  /** Aborted when nothing waits for the store any more. */
  readonly signal: AbortSignal
}

/** How long the other processes are waited for, in milliseconds: the time between two reports, and a quarter of it. */
const LONGEST_MS = 1_250

/** The pause between the first two questions, in milliseconds. It doubles with each. */
const FIRST_PAUSE_MS = 25

/** Creates the function that waits until all processes apply the latest change. Its promise does not reject. */
export function createReach({ replica, isAlone, dispatcher, clock, signal }: ReachOptions): () => Promise<Reached> {
  if (replica === undefined) return async () => ({ reached: 1, of: isAlone ? 1 : null })
  const { members } = replica

  const counted = (): Reached => {
    const { known } = members
    if (known === null || dispatcher.isAhead) return { reached: 1, of: known?.length ?? null }
    const { tag } = dispatcher.current
    return { reached: known.filter((member) => (member.tag ?? '') === tag).length, of: known.length }
  }

  return () =>
    keptAlive(clock, async () => {
      const end = clock.elapsed() + LONGEST_MS
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
        const leftMs = end - clock.elapsed()
        await withDeadline(clock, leftMs, members.read, signal).catch(() => {}) // the reports say that the store is down
        const told = counted()
        const restMs = end - clock.elapsed()
        if (told.reached === told.of || restMs <= 0 || signal.aborted) return told
        await pause(clock, Math.min(pauseMs, restMs), signal)
      }
    })
}
