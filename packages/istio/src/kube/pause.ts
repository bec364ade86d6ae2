import type { Clock } from '@model-canary/core'

/** Waits for a while; rejects with the signal's reason as soon as it is aborted, and leaves no timer. */
export function pause(
  clock: Clock,
  delayMs: number,
  { signal, keepAlive }: { readonly signal: AbortSignal | undefined; readonly keepAlive: boolean },
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = () => {
      cancel()
      reject(signal?.reason)
    }
    const wake = () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }
    const cancel = clock.schedule(delayMs, wake, { keepAlive })
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** Waits for a promise until the signal is aborted, whose reason then rejects; the work itself goes on. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
