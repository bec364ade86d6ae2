import type { Clock } from '../runtime/clock.js'
import { type LoopWatch, ORDINARY_TURN_MS } from './loop-watch.js'

/** The callbacks for each way in which a call can settle; only the first one counts. */
export interface Ends<Value> {
  arrived(output: Value): unknown
  failed(error: unknown): unknown
  /** Called if the time limit passes first. */
  expired(): unknown
  /** Called with an output that arrives after the time limit and is discarded. */
  late(output: Value): void
}

/** The time limit of a promise, and how it is measured. */
export interface Limit {
  readonly clock: Clock
  readonly loop: LoopWatch
  /** When the call began, on the clock's `elapsed` scale, in milliseconds. */
  readonly startedAt: number
  /** How long the call itself blocked the event loop at its start, in milliseconds. */
  readonly blockedMs: number
  readonly limitMs: number
}

/**
 * Settles with the promise or at its time limit, whichever is first. The timer keeps the process alive.
 *
 * The elapsed time decides, not the order of events: an answer after the limit is late even if the timer has not fired
 * yet. If the timer fires late, the event loop turns once more before the limit applies. The time for which other calls
 * blocked the event loop is added to the limit.
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

    /** Returns the time past the limit, without the time for which other calls blocked the event loop. */
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
