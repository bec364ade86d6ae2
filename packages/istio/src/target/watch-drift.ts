import type { Clock } from '@model-canary/core'
import type { Drift } from '@model-canary/core/controller'
import type { Kube, KubeAddress, KubeObject } from '../kube/kube.js'

/** The object to watch, and how to judge it. */
export interface DriftWatch {
  readonly kube: Kube
  readonly address: KubeAddress
  readonly where: string
  readonly clock: Clock
  /** Returns a function that compares an object with what is known at the time of this call. */
  readonly judge: () => (object: KubeObject) => Drift | null
}

/** A running watch. */
export interface WatchedDrift {
  /** Judges the latest object again, because what is known has changed. */
  look(): void
  stop(): void
}

/** How long a watch may fail before that is reported, in milliseconds, so that a server restart is not. */
const UNSEEN_MS = 60_000

/**
 * Watches an object, and reports after every change how it differs from what it should be; `null` if it does not.
 *
 * An event may arrive after newer writes of this process, so the object is read again before drift is reported.
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
    const tell = () => listener({ weight: null, message: `${where} cannot be watched: ${why}.` })
    cancelUnseen ??= clock.schedule(UNSEEN_MS, tell)
  }
  const judged = async (object: KubeObject): Promise<void> => {
    const told = judge()(object)
    if (told === null) return listener(null)
    const change = changes
    const before = judge() // judge the object with what was known before it was read
    const drift = await kube.get(address, closing.signal).then(before, () => told)
    if (change === changes) listener(drift)
  }
  const begin = (object: KubeObject): void => {
    changes += 1
    latest = object
    judged(object).catch(() => {}) // an error of the listener must not end the process
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
