import { askWatch } from './ask.js'
import type { KubeAddress } from './kube.js'
import { createLineSplitter } from './line-splitter.js'
import { type Link, streamOf } from './link.js'
import { readWatchLine, type WatchLine } from './watch-line.js'

/** So long the server is asked to keep a watch open, in seconds; what hangs is noticed a little later. */
export const WATCH_SECONDS = 60

/** A watch that says nothing for so long, in milliseconds, hangs. */
export const STALL_MS = WATCH_SECONDS * 1_000 + 15_000

/** From where on to follow an object, and who is told. */
export interface WatchRequest {
  readonly address: KubeAddress
  readonly version: string
  readonly onChange: (change: Extract<WatchLine, { readonly type: 'change' }>) => void
}

/**
 * Follows an object on one connection.
 * `ended`: the server closed it, it was cut, or it hung; go on from the last version. `expired`: read anew. Rejects with what the server told, `KUBE_FAILED` for an unreadable line, or the signal's reason.
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

/** What arrives until the connection ends, in whatever way: a cut is no failure, since the version says where to go on. */
async function* untilCut(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body
  } catch {}
}
