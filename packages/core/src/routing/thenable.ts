/** Returns whether a value is a promise or has a `then` method; `false` if it cannot be inspected. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false
  try {
    return 'then' in value && typeof value.then === 'function'
  } catch {
    return false
  }
}

/**
 * Converts a thenable to a native promise. Calls a third-party `then` exactly once; errors become a rejection. For a
 * native promise, added or overridden members are ignored. Never throws.
 */
export function adopt<Value>(thenable: PromiseLike<Value>): Promise<Awaited<Value>> {
  try {
    const promise = Promise.resolve(thenable) as Promise<Awaited<Value>>
    if (promise.then === Promise.prototype.then) return promise
    return new Promise((resolve, reject) => void Promise.prototype.then.call(promise, resolve as never, reject))
  } catch (error) {
    return Promise.reject(error)
  }
}
