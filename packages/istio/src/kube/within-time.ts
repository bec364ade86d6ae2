import { CanaryError, type Clock } from '@model-canary/core'

/** How long one try may take. */
export interface TimeLimit {
  readonly clock: Clock
  readonly timeoutMs: number
  /** What took too long, for the message. */
  readonly what: string
}

/**
 * Runs a task with a signal that is aborted when its time is up, or when the parent is.
 * The reason is a `KUBE_UNREACHABLE`, or the parent's; the task has to end with it. No timer and no listener is left.
 */
export async function withinTime<T>(
  { clock, timeoutMs, what }: TimeLimit,
  parent: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  parent?.throwIfAborted()
  const own = new AbortController()
  const passOn = () => own.abort(parent?.reason)
  const giveUp = () =>
    own.abort(
      new CanaryError(
        'KUBE_UNREACHABLE',
        `${what}: no answer within ${timeoutMs} ms; check the server, or raise timeoutMs`,
      ),
    )
  const cancel = clock.schedule(timeoutMs, giveUp)
  parent?.addEventListener('abort', passOn, { once: true })
  try {
    return await task(own.signal)
  } finally {
    cancel()
    parent?.removeEventListener('abort', passOn)
  }
}
