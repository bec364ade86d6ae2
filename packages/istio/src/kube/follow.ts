import { isDeepStrictEqual } from 'node:util'
import { CanaryError, isCanaryError } from '@model-canary/core'
import { pause, pauseBeforeTry } from '@model-canary/foundation'
import { WATCH_BACKOFF } from './backoff.js'
import type { KubeAddress, KubeEvent } from './kube.js'
import type { Link } from './link.js'
import { takeSnapshot } from './snapshot.js'
import { readWatchStream } from './watch-stream.js'

/** A connection that lived so long, in milliseconds, was a good one, even if nothing happened in it. */
const GOOD_LIFE_MS = 5_000

/** Follows one object until the returned function is called; see `Kube.watch`. */
export function follow(
  link: Link,
  address: KubeAddress,
  random: () => number,
  listener: (event: KubeEvent) => void,
): () => void {
  const { clock } = link
  const stopped = new AbortController()
  const { signal } = stopped
  let version: string | undefined
  let failures = 0
  let told: KubeEvent | undefined

  const tell = (event: KubeEvent) => {
    if (signal.aborted) return
    told = event.type === 'failed' ? undefined : event // a failure is followed by the state, changed or not
    try {
      listener(event)
    } catch {} // what a listener throws must not end the watch, and there is nobody here to hear it
  }

  /** From the last known version to the end of one connection. */
  const turn = async (): Promise<void> => {
    if (version === undefined) {
      const snapshot = await takeSnapshot(link, address, signal)
      version = snapshot.version
      if (!isDeepStrictEqual(told, snapshot.event)) tell(snapshot.event)
    }
    const openedAt = clock.elapsed()
    const onChange = (change: { readonly version: string; readonly event?: KubeEvent }) => {
      version = change.version
      if (change.event !== undefined) tell(change.event)
    }
    const end = await readWatchStream(link, { address, version, onChange }, signal)
    const isGood = clock.elapsed() - openedAt >= GOOD_LIFE_MS
    if (isGood) failures = 0
    if (end === 'expired') told = undefined
    // one that ends at once, twice in a row, may be blind whatever it told: something on the way ends it, whatever happens
    if (end === 'expired' || (!isGood && failures > 0)) version = undefined
  }

  const loop = async (): Promise<void> => {
    await undefined // nothing is told before the caller has the function that stops it
    while (!signal.aborted) {
      await turn().catch((error) => {
        version = undefined // after a failure that was told, the state is told too, changed or not
        tell({ type: 'failed', error: asCanaryError(error) })
      })
      await pause(clock, pauseBeforeTry(WATCH_BACKOFF, failures, random), signal)
      failures += 1
    }
  }

  loop().catch(() => {}) // the one way out is the signal
  return () => stopped.abort()
}

function asCanaryError(cause: unknown): CanaryError {
  return isCanaryError(cause) ? cause : new CanaryError('KUBE_FAILED', 'the watch failed; see the cause', { cause })
}
