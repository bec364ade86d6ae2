import type { Clock } from '../clock.js'

/** What each end of a promise leads to; only the first end counts. */
export interface Ends<Value> {
  arrived(output: Value): unknown
  failed(error: unknown): unknown
  /** Its time was up first. */
  expired(): unknown
  /** An output that came after that, for nobody. */
  late(output: Value): void
}

/** Settles with the promise, or when its time is up, whichever is first. The timer keeps the process alive. */
export function inTime<Value>(
  promise: Promise<Value>,
  clock: Clock,
  limitMs: number,
  { arrived, failed, expired, late }: Ends<Value>,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let isOver = false
    const settle = (end: () => unknown): void => {
      isOver = true
      cancel()
      try {
        resolve(end())
      } catch (error) {
        reject(error)
      }
    }
    const cancel = clock.schedule(limitMs, () => settle(expired), { keepAlive: true })
    promise.then(
      (output) => (isOver ? late(output) : settle(() => arrived(output))),
      (error: unknown) => (isOver ? undefined : settle(() => failed(error))),
    )
  })
}
