import { isDeepStrictEqual } from 'node:util'
import { CanaryError, isCanaryError } from '@model-canary/core'
import { pause, pauseBeforeTry } from '@model-canary/foundation'
import { WATCH_BACKOFF } from './backoff.js'
import type { KubeAddress, KubeEvent } from './kube.js'
import type { Link } from './link.js'
import { takeSnapshot } from './snapshot.js'
import { readWatchStream } from './watch-stream.js'

/** How long a connection must last to count as healthy, even without events, in milliseconds. */
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
    told = event.type === 'failed' ? undefined : event // after a failure the state is reported again
    try {
      listener(event)
    } catch {} // an error of a listener must not end the watch, and cannot be reported here
  }

  /** Follows the object from the last known version to the end of one connection. */
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
    // two short connections in a row may have missed events, for example if a proxy cuts them: read the state again
    if (end === 'expired' || (!isGood && failures > 0)) version = undefined
  }

  const loop = async (): Promise<void> => {
    await undefined // the listener is not called before the caller has the function that stops it
    while (!signal.aborted) {
      await turn().catch((error) => {
        version = undefined // after a reported failure the state is reported too, even if it has not changed
        tell({ type: 'failed', error: asCanaryError(error) })
      })
      await pause(clock, pauseBeforeTry(WATCH_BACKOFF, failures, random), signal)
      failures += 1
    }
  }

  loop().catch(() => {}) // only the signal ends the loop
  return () => stopped.abort()
}

function asCanaryError(cause: unknown): CanaryError {
  return isCanaryError(cause) ? cause : new CanaryError('KUBE_FAILED', 'the watch failed; see the cause', { cause })
}
