import type { Clock, Drift } from '@model-canary/core'
import type { Kube, KubeAddress, KubeObject } from '../kube/kube.js'
import type { RouteTable } from '../routes/route-table.js'
import type { Mark } from './mark.js'
import { driftOf, readSplit } from './read-split.js'

/** What is watched, and how it is named. */
export interface DriftWatch {
  readonly kube: Kube
  readonly address: KubeAddress
  readonly table: RouteTable
  readonly where: string
  readonly clock: Clock
  /** What this process applied last. */
  readonly applied: () => Mark | undefined
}

/** How long the object may be out of sight before that is told, in milliseconds: a server that restarts is no news. */
const UNSEEN_MS = 60_000

/**
 * Follows the object, and tells after every change how it differs from what was applied: `null` where it does not.
 *
 * A change may be told after others that this process has made since. So what looks like drift is read anew first.
 */
export function watchDrift(watch: DriftWatch, listener: (drift: Drift | null) => void): () => void {
  const { kube, address, table, where, clock, applied } = watch
  const closing = new AbortController()
  let cancelUnseen: (() => void) | undefined
  let changes = 0

  const seen = (): void => {
    cancelUnseen?.()
    cancelUnseen = undefined
  }
  const unseen = (why: string): void => {
    const tell = () => listener({ weight: null, message: `${where} cannot be seen: ${why}.` })
    cancelUnseen ??= clock.schedule(UNSEEN_MS, tell)
  }
  const judge = async (object: KubeObject): Promise<void> => {
    const told = driftOf(where, readSplit(table, object), applied())
    if (told === null) return listener(null)
    const change = changes
    const before = applied() // what is read now is as new as this, or newer
    const drift = await kube.get(address, closing.signal).then(
      (now) => driftOf(where, readSplit(table, now), before),
      () => told,
    )
    if (change === changes) listener(drift)
  }
  const stop = kube.watch(address, (event) => {
    changes += 1
    if (event.type === 'failed') return unseen(event.error.message)
    seen()
    if (event.type === 'gone') return listener({ weight: null, message: `${where} has been deleted.` })
    judge(event.object).catch(() => {}) // what the listener throws must not end the process
  })

  return () => {
    changes += 1
    closing.abort()
    seen()
    stop()
  }
}
