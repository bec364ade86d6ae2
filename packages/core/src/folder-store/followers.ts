import { watch } from 'node:fs'
import type { Head } from '../rollout/records.js'
import type { Clock } from '../runtime/clock.js'
import type { LocalFolder } from './local-folder.js'

/** How often the folder is read where no change is reported, in milliseconds. */
const POLL_MS = 1_000

/**
 * Calls the listener with each head that comes into force, and with the present one first. The operating system reports
 * changes within milliseconds. Where it does not, the folder is read each second.
 */
export function followHeads(
  folder: LocalFolder,
  clock: Clock,
  headNow: () => Promise<Head | null>,
  listener: (head: Head) => void,
): () => void {
  let hasEnded = false
  let heard: string | undefined
  let isLooking = false
  let isNews = false
  let watching: { close(): void } | undefined

  const look = async (): Promise<void> => {
    isNews = true
    if (isLooking) return
    isLooking = true
    while (isNews && !hasEnded) {
      isNews = false
      const head = await headNow().catch(() => null)
      if (head === null || head.tag === heard || hasEnded) continue
      heard = head.tag
      try {
        listener(head)
      } catch {
        // the next head is told all the same
      }
    }
    isLooking = false
  }

  const unwatch = (): void => {
    watching?.close()
    watching = undefined
  }

  const watchFolder = (): void => {
    if (watching !== undefined) return
    try {
      const watcher = watch(folder.pathOf('.'), { persistent: false }, (_, name) => {
        if (name?.startsWith('state.') ?? true) void look()
      })
      watching = watcher.on('error', unwatch)
    } catch {
      watching = undefined // it is missing yet, or too many are watched
    }
  }

  let cancel = (): void => {}
  const poll = async (): Promise<void> => {
    watchFolder()
    await look()
    if (!hasEnded) cancel = clock.schedule(POLL_MS, () => void poll())
  }
  void poll()

  return () => {
    hasEnded = true
    cancel()
    unwatch()
  }
}
