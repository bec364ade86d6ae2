import { randomUUID } from 'node:crypto'
import type { Fleet, Lease, LeaseAnswer, LeaseAsk } from '../rollout/fleet.js'
import type { Clock } from '../runtime/clock.js'
import type { LocalFolder } from './local-folder.js'
import { hasEnded, ownLife } from './process-life.js'
import { type FolderState, type ReadState, readState } from './state-files.js'

/** Decides what follows a state, and is called again if another process was faster. `next` is left out for no change. */
export type Step<Answer> = (state: ReadState) => Promise<{ readonly next?: FolderState; readonly answer: Answer }>

/** Makes one step. */
export type Advance = <Answer>(signal: AbortSignal, step: Step<Answer>) => Promise<Answer>

/** The lease in one folder. */
export interface FolderLease {
  readonly ask: Fleet['lease']
  /** Returns whether a lease is in force. */
  isInForce(state: FolderState, lease: Lease): Promise<boolean>
}

/** A renewal: its number, and for how long the lease is held. */
const RENEWAL = /^(\d{1,15}) (\d{1,15}(?:\.\d+)?)$/

/**
 * Creates the lease. It is part of the state, so that a write of an earlier holder, which follows an earlier state,
 * comes too late. Its renewals are a file. A lease runs out once no renewal was seen for as long as it is held, by the
 * monotonic clock of the process that looks, or at the moment at which its process ends.
 */
export function createFolderLease(folder: LocalFolder, clock: Clock, advance: Advance): FolderLease {
  const life = ownLife()
  let seen = { renewal: '', sinceMs: 0 }

  /** Returns the lease with the time that is left; `undefined` if it is free. */
  const held = async ({ lease }: FolderState): Promise<(Lease & { readonly leftMs: number }) | undefined> => {
    if (lease === null) return undefined
    const renewal = (await folder.read(`lease.${lease.fence}`)) ?? ''
    const key = `${lease.fence} ${renewal}`
    if (seen.renewal !== key) seen = { renewal: key, sinceMs: clock.elapsed() }
    const ttlMs = Number(RENEWAL.exec(renewal)?.[2] ?? lease.ttlMs)
    const leftMs = seen.sinceMs + ttlMs - clock.elapsed()
    return leftMs <= 0 || (await hasEnded(lease.life, await life)) ? undefined : { ...lease, leftMs }
  }

  const answered = async (state: FolderState, id: string): Promise<LeaseAnswer> => {
    const { fence = state.fence, id: holder = null, leftMs = 0 } = (await held(state)) ?? {}
    return { isMine: holder === id, fence, holder, leftMs }
  }

  const renew = async (fence: number, ttlMs: number): Promise<void> => {
    const [file, draft] = [`lease.${fence}`, `draft.${randomUUID()}`]
    const count = Number(RENEWAL.exec((await folder.read(file)) ?? '')?.[1] ?? 0)
    const sinceMs = clock.elapsed()
    await folder.write(draft, `${count + 1} ${ttlMs}`)
    await folder.move(draft, file)
    seen = { renewal: `${fence} ${count + 1} ${ttlMs}`, sinceMs }
  }

  const take = async (state: ReadState, ask: Extract<LeaseAsk, { readonly ttlMs: number }>) => {
    const fence = Math.max(state.fence, state.head?.fence ?? 0, ask.leastFence) + 1
    const { id, ttlMs } = ask
    seen = { renewal: `${fence} `, sinceMs: clock.elapsed() }
    const next = { ...state, fence, lease: { id, fence, ttlMs, life: await life } }
    return { next, answer: { isMine: true, fence, holder: id, leftMs: ttlMs } }
  }

  return {
    async isInForce(state, lease) {
      const holder = await held(state)
      return holder?.id === lease.id && holder.fence === lease.fence
    },
    ask: (ask, signal) =>
      advance(signal, async (state) => {
        const holder = await held(state)
        if ('release' in ask) {
          if (holder?.id !== ask.id) return { answer: await answered(state, ask.id) }
          const next = { ...state, lease: null }
          return { next, answer: await answered(next, ask.id) }
        }
        if (holder === undefined) return take(state, ask)
        if (holder.id !== ask.id) return { answer: await answered(state, ask.id) }
        await renew(holder.fence, ask.ttlMs)
        return { answer: await answered(await readState(folder), ask.id) }
      }),
  }
}
