/** What this process holds once the garbage is gone, in bytes. Needs `--expose-gc`. */
export function heldBytes() {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/**
 * How many bytes of heap one call takes, garbage included: the least of several runs, in none of which the
 * collector may have been at work. Needs `--expose-gc` and a young generation that holds a run's garbage.
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
