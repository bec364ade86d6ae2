import { type BackOff, pauseBeforeTry } from './back-off.js'
import type { Clock } from './clock.js'

/** Options of a deadline. */
export interface DeadlineOptions {
  /** Keeps the process alive until the deadline. @default false */
  readonly keepAlive?: boolean
  /** Creates the error with which the promise rejects when the time is up. */
  readonly late?: () => Error
}

/**
 * Runs a task with a signal that is aborted when its time is up or the parent is aborted.
 * The promise then rejects immediately, even if the task goes on; its timer and listener are removed.
 */
export function withDeadline<Result>(
  clock: Clock,
  limitMs: number,
  task: (signal: AbortSignal) => Result | Promise<Result>,
  parent?: AbortSignal,
  { keepAlive = false, late = () => new Error(`no answer within ${limitMs} ms`) }: DeadlineOptions = {},
): Promise<Result> {
  const own = new AbortController()
  return new Promise<Result>((resolve, reject) => {
    const stop = (error: Error) => {
      release()
      reject(error)
      own.abort(error)
    }
    const onParentAbort = () => stop(new Error('no longer wanted', { cause: parent?.reason }))
    const cancel = clock.schedule(limitMs, () => stop(late()), { keepAlive })
    const release = () => {
      cancel()
      parent?.removeEventListener('abort', onParentAbort)
    }
    if (parent?.aborted) return onParentAbort()
    parent?.addEventListener('abort', onParentAbort, { once: true })
    Promise.resolve()
      .then(() => task(own.signal))
      .then(resolve, reject)
      .finally(release)
  })
}

/** Resolves after `delayMs`, or as soon as the signal is aborted; the timer is then removed. */
export function pause(
  clock: Clock,
  delayMs: number,
  signal?: AbortSignal,
  options?: Pick<DeadlineOptions, 'keepAlive'>,
): Promise<void> {
  return withDeadline(clock, delayMs, () => new Promise<never>(() => {}), signal, options).catch(() => {})
}

/** The pauses between the library's own attempts, in milliseconds. */
const BACK_OFF: BackOff = { firstMs: 50, longestMs: 5_000 }

/** Waits before the next attempt: up to 50 ms with 0 failures, doubled with each failure, up to 5 s. */
export function backOff(clock: Clock, failures: number, signal: AbortSignal): Promise<void> {
  return pause(clock, pauseBeforeTry(BACK_OFF, failures), signal)
}
