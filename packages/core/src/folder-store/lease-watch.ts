import { randomUUID } from 'node:crypto'
import type { Lease } from '../rollout/fleet.js'
import type { Clock } from '../runtime/clock.js'
import type { Files } from './files.js'
import { hasEnded, type ProcessLife } from './process-life.js'
import type { FolderState } from './state-files.js'

/** A lease in force, and the time that is left, in milliseconds. */
export interface HeldLease extends Lease {
  readonly leftMs: number
}

/** Watches when the lease of a folder runs out. */
export interface LeaseWatch {
  /** Returns the lease in force; `undefined` if it is free. */
  held(state: FolderState): Promise<HeldLease | undefined>
  /** Notes that a lease begins now. */
  begin(fence: number): void
  /** Holds the lease for a time from now on. */
  renew(fence: number, ttlMs: number): Promise<void>
}

/** A renewal: its number, and for how long the lease is held. */
const RENEWAL = /^(\d{1,15}) (\d{1,15}(?:\.\d+)?)$/

/**
 * Creates a watch. The renewals of a lease are a file, which is replaced. A lease runs out once no renewal was seen for
 * as long as it is held, by the monotonic clock of the process that looks, or at the moment at which its process ends.
 */
export function watchLease(files: Files, clock: Clock, own: Promise<ProcessLife | null>): LeaseWatch {
  let seen = { renewal: '', sinceMs: 0 }
  const see = (fence: number, renewal: string, sinceMs: number): void => {
    const key = `${fence} ${renewal}`
    if (seen.renewal !== key) seen = { renewal: key, sinceMs }
  }
  const renewalOf = async (fence: number): Promise<string> => (await files.read(`lease.${fence}`)) ?? ''

  return {
    async held({ lease }) {
      if (lease === null) return undefined
      const renewal = await renewalOf(lease.fence)
      see(lease.fence, renewal, clock.elapsed())
      const leftMs = seen.sinceMs + Number(RENEWAL.exec(renewal)?.[2] ?? lease.ttlMs) - clock.elapsed()
      return leftMs <= 0 || (await hasEnded(lease.life, await own)) ? undefined : { ...lease, leftMs }
    },
    begin: (fence) => see(fence, '', clock.elapsed()),
    async renew(fence, ttlMs) {
      const draft = `draft.${randomUUID()}`
      const sinceMs = clock.elapsed()
      const renewal = `${Number(RENEWAL.exec(await renewalOf(fence))?.[1] ?? 0) + 1} ${ttlMs}`
      await files.write(draft, renewal)
      await files.move(draft, `lease.${fence}`)
      see(fence, renewal, sinceMs)
    },
  }
}
