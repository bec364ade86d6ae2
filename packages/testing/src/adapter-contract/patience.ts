/** Waits for conditions, each with a deadline. */
export interface Patience {
  /** Resolves as soon as `fact` returns true. It is polled, because no event reports it. */
  until(what: string, fact: () => boolean): Promise<void>
  /** Resolves with the promise, or rejects if it takes too long. */
  within<Value>(what: string, promise: Promise<Value>): Promise<Value>
}

/** The time between two polls of a condition, in milliseconds. */
const LOOK_AGAIN_MS = 2

/** Creates waits that reject after `limitMs` and say what they waited for. */
export function createPatience(limitMs: number): Patience {
  const within = async <Value>(what: string, promise: Promise<Value>): Promise<Value> => {
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(lost(what, limitMs)), limitMs)
    })
    try {
      return await Promise.race([promise, tooLate])
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    within,
    async until(what, fact) {
      const endsAt = performance.now() + limitMs
      while (!fact()) {
        if (performance.now() > endsAt) throw lost(what, limitMs)
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
      }
    },
  }
}

function lost(what: string, limitMs: number): Error {
  return new Error(`waited ${limitMs} ms in vain: ${what}`)
}

/** A promise that is settled from outside. */
export interface Deferred<Value = void> {
  readonly promise: Promise<Value>
  resolve(value: Value): void
  reject(reason: unknown): void
}

/** Creates a promise that is settled from outside. A rejection without a handler is ignored. */
export function createDeferred<Value = void>(): Deferred<Value> {
  let settle: Pick<Deferred<Value>, 'resolve' | 'reject'> | undefined
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject }
  })
  promise.catch(() => {})
  return { promise, ...settle! }
}
