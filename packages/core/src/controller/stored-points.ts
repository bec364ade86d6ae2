import { packSpans, readSpans } from '../rollout/packed-spans.js'
import type { Span } from '../rollout/span.js'
import { withDeadline } from '../runtime/deadline.js'
import type { ResolvedRollout } from './controller-options.js'
import type { HeldRollout } from './held-rollout.js'
import { storeError } from './store-watch.js'

/** The points in a store. Every call has a deadline, and rejects with the error of the store. */
export interface StoredPoints {
  /** Reads them. What is damaged, or of a later release, is taken for none. */
  load(): Promise<readonly Span[]>
  /** Returns what was read in the last 5 s, or reads them. */
  recent(): Promise<readonly Span[]>
  /** Replaces them, if this process still judges. */
  keep(spans: readonly Span[]): Promise<void>
}

/** How long the points of another process are returned without being read again, in milliseconds. */
const FRESH_MS = 5_000

/** Returns the points in a store; `undefined` if it keeps none. */
export function storedPoints(
  { store, clock, storeTimeoutMs }: Pick<ResolvedRollout, 'store' | 'clock' | 'storeTimeoutMs'>,
  { replica }: Pick<HeldRollout, 'replica'>,
  signal: AbortSignal,
): StoredPoints | undefined {
  const { points } = store
  if (points === undefined) return undefined
  const ask = <Answer>(call: (deadline: AbortSignal) => Promise<Answer>): Promise<Answer> =>
    withDeadline(clock, storeTimeoutMs, call, signal).catch((cause) => Promise.reject(storeError(cause)))
  const load = async () => readSpans(await ask((deadline) => points.load(deadline))) ?? []
  return {
    load,
    recent: rarely(FRESH_MS, () => clock.elapsed(), load),
    async keep(spans) {
      const [text, lease] = [packSpans(spans), replica?.judging.lease]
      await ask((deadline) => points.keep(text, lease, deadline))
    },
  }
}

/** Returns a function that begins a task at most once in a time, and returns its latest result meanwhile. */
export function rarely<Result>(
  everyMs: number,
  elapsed: () => number,
  task: () => Promise<Result>,
): () => Promise<Result> {
  let latest: { readonly result: Promise<Result>; readonly at: number } | undefined
  return () => {
    if (latest === undefined || elapsed() - latest.at >= everyMs) latest = { result: task(), at: elapsed() }
    return latest.result
  }
}
