import { type BackOff, pauseBeforeTry } from '../back-off.js'
import type { Clock } from '../clock.js'

/**
 * Runs a task with a signal that is aborted when its time is up or the parent is aborted.
 * Then the promise rejects at once, whatever the task does, and no timer is left behind.
 */
export function withDeadline<Result>(
  clock: Clock,
  limitMs: number,
  task: (signal: AbortSignal) => Result | Promise<Result>,
  parent?: AbortSignal,
): Promise<Result> {
  const own = new AbortController()
  return new Promise<Result>((resolve, reject) => {
    const stop = (error: Error) => {
      release()
      reject(error)
      own.abort(error)
    }
    const onParentAbort = () => stop(new Error('no longer wanted'))
    const cancel = clock.schedule(limitMs, () => stop(new Error(`no answer within ${limitMs} ms`)))
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
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return withDeadline(clock, delayMs, () => new Promise<never>(() => {}), signal).catch(() => {})
}

/** Between two tries of the library's own, in milliseconds. */
const BACK_OFF: BackOff = { firstMs: 50, longestMs: 5_000 }

/** Waits before another try: up to 50 ms after none that failed, twice as long after each that did, up to 5 s. */
export function backOff(clock: Clock, failures: number, signal: AbortSignal): Promise<void> {
  return pause(clock, pauseBeforeTry(BACK_OFF, failures), signal)
}
