import type { Clock } from '@model-canary/core'
import type { Drift } from '@model-canary/core/controller'
import type { Kube, KubeAddress, KubeObject } from '../kube/kube.js'

/** What is watched, and how it is named. */
export interface DriftWatch {
  readonly kube: Kube
  readonly address: KubeAddress
  readonly where: string
  readonly clock: Clock
  /** Returns a judge that goes by what is known at this moment; it tells how an object differs from that. */
  readonly judge: () => (object: KubeObject) => Drift | null
}

/** A watch that is under way. */
export interface WatchedDrift {
  /** Judges anew what was seen last, since what is known has changed. */
  look(): void
  stop(): void
}

/** How long the object may be out of sight before that is told, in milliseconds: a server that restarts is no news. */
const UNSEEN_MS = 60_000

/**
 * Follows an object, and tells after every change how it differs from what it should be: `null` where it does not.
 *
 * A change may be told after others that this process has made since. So what looks like drift is read anew first.
 */
export function watchDrift(watch: DriftWatch, listener: (drift: Drift | null) => void): WatchedDrift {
  const { kube, address, where, clock, judge } = watch
  const closing = new AbortController()
  let cancelUnseen: (() => void) | undefined
  let latest: KubeObject | undefined
  let changes = 0

  const seen = (): void => {
    cancelUnseen?.()
    cancelUnseen = undefined
  }
  const unseen = (why: string): void => {
    const tell = () => listener({ weight: null, message: `${where} cannot be seen: ${why}.` })
    cancelUnseen ??= clock.schedule(UNSEEN_MS, tell)
  }
  const judged = async (object: KubeObject): Promise<void> => {
    const told = judge()(object)
    if (told === null) return listener(null)
    const change = changes
    const before = judge() // what is read now is as new as this, or newer
    const drift = await kube.get(address, closing.signal).then(before, () => told)
    if (change === changes) listener(drift)
  }
  const begin = (object: KubeObject): void => {
    changes += 1
    latest = object
    judged(object).catch(() => {}) // what the listener throws must not end the process
  }
  const stop = kube.watch(address, (event) => {
    if (event.type === 'present') {
      seen()
      return begin(event.object)
    }
    changes += 1
    if (event.type === 'failed') return unseen(event.error.message)
    seen()
    latest = undefined
    listener({ weight: null, message: `${where} has been deleted.` })
  })

  return {
    look() {
      if (latest !== undefined && !closing.signal.aborted) begin(latest)
    },
    stop() {
      changes += 1
      closing.abort()
      seen()
      stop()
    },
  }
}
