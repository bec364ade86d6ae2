/** Returns the memory of this process after a garbage collection, in bytes. Needs `--expose-gc`. */
export function heldBytes() {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/**
 * Returns the bytes of heap that one call takes, including garbage: the least of several runs, in which the
 * collector must not run. Needs `--expose-gc` and a young generation that holds a run's garbage.
 *
 * @param {(calls: number) => void} batch
 * @param {{ calls: number, runs?: number }} options
 */
export function bytesPerCall(batch, { calls, runs = 5 }) {
  batch(calls) // once to be compiled
  const each = Array.from({ length: runs }, () => {
    heldBytes()
    const before = process.memoryUsage().heapUsed
    batch(calls)
    return (process.memoryUsage().heapUsed - before) / calls
  })
  return Math.max(0, Math.min(...each.filter((bytes) => bytes >= 0), each[0]))
}
