import type { Fleet, Lease, LeaseAnswer } from '../rollout/fleet.js'
import type { Clock } from '../runtime/clock.js'
import type { Files } from './files.js'
import { watchLease } from './lease-watch.js'
import { ownLife } from './process-life.js'
import { type FolderState, type ReadState, readState } from './state-files.js'

/** Decides what follows a state, and is called again if another process was faster. Without `next` nothing changes. */
export type Step<Answer> = (state: ReadState) => Promise<{ readonly next?: FolderState; readonly answer: Answer }>

/** Makes one step. */
export type Advance = <Answer>(signal: AbortSignal, step: Step<Answer>) => Promise<Answer>

/** The lease in one folder. */
export interface FolderLease {
  readonly ask: Fleet['lease']
  /** Returns whether a lease is in force. */
  isInForce(state: FolderState, lease: Lease): Promise<boolean>
}

/**
 * Creates the lease. It is part of the state, so that a write of an earlier holder, which follows an earlier state,
 * comes too late.
 */
export function createFolderLease(files: Files, clock: Clock, advance: Advance): FolderLease {
  const life = ownLife()
  const watch = watchLease(files, clock, life)

  const answered = async (state: FolderState, id: string): Promise<LeaseAnswer> => {
    const { fence = state.fence, id: holder = null, leftMs = 0 } = (await watch.held(state)) ?? {}
    return { isMine: holder === id, fence, holder, leftMs }
  }

  return {
    async isInForce(state, { id, fence }) {
      const holder = await watch.held(state)
      return holder?.id === id && holder.fence === fence
    },
    ask: (ask, signal) =>
      advance(signal, async (state) => {
        const { id } = ask
        const holder = await watch.held(state)
        if ('release' in ask) {
          if (holder?.id !== id) return { answer: await answered(state, id) }
          const next = { ...state, lease: null }
          return { next, answer: await answered(next, id) }
        }
        const { ttlMs, leastFence } = ask
        if (holder === undefined) {
          const fence = Math.max(state.fence, state.head?.fence ?? 0, leastFence) + 1
          watch.begin(fence)
          const next = { ...state, fence, lease: { id, fence, ttlMs, life: await life } }
          return { next, answer: { isMine: true, fence, holder: id, leftMs: ttlMs } }
        }
        if (holder.id !== id) return { answer: await answered(state, id) }
        await watch.renew(holder.fence, ttlMs)
        return { answer: await answered(await readState(files), id) }
      }),
  }
}
