/** Tells whether awaiting a value would wait for something else than the value itself; `false` if it cannot be looked at. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false
  try {
    return 'then' in value && typeof value.then === 'function'
  } catch {
    return false
  }
}
