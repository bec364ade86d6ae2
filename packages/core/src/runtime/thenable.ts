/** Tells whether awaiting a value would wait for something else than the value itself; `false` if it cannot be looked at. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false
  try {
    return 'then' in value && typeof value.then === 'function'
  } catch {
    return false
  }
}

/**
 * Makes an ordinary promise of a thenable. Calls a foreign `then` once, and bears with what it does; of a promise it takes
 * what it settles with, whatever members it has been given. Never throws.
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
