import type { Clock } from '../runtime/clock.js'
import { type LoopWatch, ORDINARY_TURN_MS } from './loop-watch.js'

/** What each end of a promise leads to; only the first end counts. */
export interface Ends<Value> {
  arrived(output: Value): unknown
  failed(error: unknown): unknown
  /** Its time was up first. */
  expired(): unknown
  /** An output that came after that, for nobody. */
  late(output: Value): void
}

/** The time that a promise has, and by what it is measured. */
export interface Limit {
  readonly clock: Clock
  readonly loop: LoopWatch
  /** When the call began, on the clock's `elapsed` scale, in milliseconds. */
  readonly startedAt: number
  /** For how long the call itself blocked the event loop at its start, in milliseconds. */
  readonly blockedMs: number
  readonly limitMs: number
}

/**
 * Settles with the promise, or when its time is up, whichever is first. The timer keeps the process alive.
 *
 * It is the time that passed which counts, not who woke first: an answer that arrives past the limit is late though
 * the timer has not fired, and a timer that fires late lets the event loop turn once more, and lets the call have the
 * time back for which other calls blocked it.
 */
export function inTime<Value>(
  promise: Promise<Value>,
  { clock, loop, startedAt, blockedMs, limitMs }: Limit,
  { arrived, failed, expired, late }: Ends<Value>,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const blockedBefore = loop.blockedMs
    const dueAt = startedAt + limitMs
    let isOver = false
    let isProlonged = false

    const settle = (end: () => unknown): void => {
      isOver = true
      cancel()
      try {
        resolve(end())
      } catch (error) {
        reject(error)
      }
    }

    /** How far past the limit it is, without the time for which other calls blocked the event loop. */
    const overMs = (at: number): number => at - dueAt - (loop.blockedMs - blockedBefore)

    const isTooLate = (): boolean => {
      if (isProlonged) return false
      const at = clock.elapsed()
      if (overMs(at) <= 0) return false
      return blockedMs > limitMs || !loop.wasStopped(dueAt, at)
    }

    const fired = (): void => {
      const at = clock.elapsed()
      if (isProlonged || at - dueAt <= ORDINARY_TURN_MS) {
        settle(expired)
        return
      }
      isProlonged = true
      cancel = clock.schedule(Math.max(0, -overMs(at)), fired, { keepAlive: true })
    }

    let cancel = clock.schedule(Math.max(0, limitMs - blockedMs), fired, { keepAlive: true })
    promise.then(
      (output) => {
        if (isOver) return late(output)
        if (!isTooLate()) return settle(() => arrived(output))
        late(output)
        settle(expired)
      },
      (error: unknown) => {
        if (!isOver) settle(isTooLate() ? expired : () => failed(error))
      },
    )
  })
}
