import { askWatch } from './ask.js'
import type { KubeAddress } from './kube.js'
import { createLineSplitter } from './line-splitter.js'
import { type Link, streamOf } from './link.js'
import { readWatchLine, type WatchLine } from './watch-line.js'

/** How long the server is asked to keep a watch open, in seconds. */
export const WATCH_SECONDS = 60

/** How long a watch may be silent before it counts as hung, in milliseconds. */
export const STALL_MS = WATCH_SECONDS * 1_000 + 15_000

/** The object to watch, the version to start from, and the listener. */
export interface WatchRequest {
  readonly address: KubeAddress
  readonly version: string
  readonly onChange: (change: Extract<WatchLine, { readonly type: 'change' }>) => void
}

/**
 * Watches an object on one connection.
 * Resolves to `ended` if the server closed it, or it was cut or hung: continue from the last version. Resolves to
 * `expired` if the state must be read again. Rejects with the server's error, with `KUBE_FAILED` if a line cannot be
 * read, or with the signal's reason.
 */
export async function readWatchStream(
  link: Link,
  { address, version, onChange }: WatchRequest,
  signal: AbortSignal,
): Promise<'ended' | 'expired'> {
  const ask = askWatch(address, version, WATCH_SECONDS)
  const answer = await streamOf(link, ask, signal)
  if ('failure' in answer) {
    if (answer.failure.status === 410) return 'expired'
    throw answer.failure.error
  }
  const response = answer.value
  const splitter = createLineSplitter()
  const hangUp = () => response.destroy()
  let cancel = link.clock.schedule(STALL_MS, hangUp)
  try {
    for await (const chunk of untilCut(response)) {
      cancel()
      cancel = link.clock.schedule(STALL_MS, hangUp)
      for (const line of splitter.push(chunk)) {
        const read = readWatchLine(ask, line)
        if (read.type === 'expired') return 'expired'
        onChange(read)
      }
    }
    return 'ended'
  } finally {
    cancel()
    response.destroy()
  }
}

/** Yields chunks until the connection ends. A cut does not throw, because the watch can continue from its version. */
async function* untilCut(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body
  } catch {}
}
