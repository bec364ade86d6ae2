import { watch } from 'node:fs'
import type { Head } from '../rollout/records.js'
import type { Clock } from '../runtime/clock.js'
import type { Files } from './files.js'

/** How often the folder is read where no change is reported, in milliseconds. */
const POLL_MS = 1_000

/**
 * Calls the listener with each head that comes into force, and with the present one first. The operating system reports
 * changes within milliseconds. Where it does not, the folder is read each second.
 */
export function followHeads(
  files: Files,
  clock: Clock,
  headNow: () => Promise<Head | null>,
  listener: (head: Head) => void,
): () => void {
  let hasEnded = false
  let cancel = (): void => {}
  const look = telling(headNow, listener, () => hasEnded)
  const watching = watchStates(files, () => void look())

  const poll = async (): Promise<void> => {
    watching.begin()
    await look()
    if (!hasEnded) cancel = clock.schedule(POLL_MS, () => void poll())
  }
  void poll()

  return () => {
    hasEnded = true
    cancel()
    watching.end()
  }
}

/** Returns a function that reads the head and tells it if it is another one. A call during a read reads again. */
function telling(
  headNow: () => Promise<Head | null>,
  listener: (head: Head) => void,
  hasEnded: () => boolean,
): () => Promise<void> {
  let heard: string | undefined
  let isReading = false
  let isNews = false

  const tell = async (): Promise<void> => {
    isNews = false
    const head = await headNow().catch(() => null) // the callers of the store's methods learn what is wrong
    if (head === null || head.tag === heard || hasEnded()) return
    heard = head.tag
    try {
      listener(head)
    } catch {
      // the next head is told all the same
    }
  }

  return async () => {
    isNews = true
    if (isReading) return
    isReading = true
    while (isNews && !hasEnded()) await tell()
    isReading = false
  }
}

/** Watches for new states. `begin` may be called again: it does nothing while the folder is watched. */
function watchStates(files: Files, onChange: () => void): { begin(): void; end(): void } {
  let watching: { close(): void } | undefined
  const end = (): void => {
    watching?.close()
    watching = undefined
  }
  const listen = (_: string, name: string | null): void => {
    if (name === null || name.startsWith('state.')) onChange()
  }
  return {
    end,
    begin() {
      try {
        watching ??= watch(files.pathOf('.'), { persistent: false }, listen).on('error', end)
      } catch {
        // it is missing yet, or too many folders are watched
      }
    },
  }
}
