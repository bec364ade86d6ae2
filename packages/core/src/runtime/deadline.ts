import { type BackOff, pauseBeforeTry } from './back-off.js'
import type { Clock } from './clock.js'

/** What may be different about a deadline. */
export interface DeadlineOptions {
  /** Keeps the process alive until then. @default false */
  readonly keepAlive?: boolean
  /** Makes what the promise rejects with when the time is up. */
  readonly late?: () => Error
}

/**
 * Runs a task with a signal that is aborted when its time is up or the parent is aborted.
 * Then the promise rejects at once, whatever the task does, and no timer and no listener is left behind.
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

/** Resolves after a while, or at once when the signal is aborted; no timer is left behind. */
export function pause(
  clock: Clock,
  delayMs: number,
  signal?: AbortSignal,
  options?: Pick<DeadlineOptions, 'keepAlive'>,
): Promise<void> {
  return withDeadline(clock, delayMs, () => new Promise<never>(() => {}), signal, options).catch(() => {})
}

/** Between two tries of the library's own, in milliseconds. */
const BACK_OFF: BackOff = { firstMs: 50, longestMs: 5_000 }

/** Waits before another try: up to 50 ms after none that failed, twice as long after each that did, up to 5 s. */
export function backOff(clock: Clock, failures: number, signal: AbortSignal): Promise<void> {
  return pause(clock, pauseBeforeTry(BACK_OFF, failures), signal)
}
