/** Lets callers wait until a condition is true. */
export interface Waiting {
  /** Resolves when the condition is true, or after `close()`. */
  until(isSo: () => boolean): Promise<void>
  /** Checks all conditions again. */
  tell(): void
  /** Resolves all waits, pending and future. */
  close(): void
}

/** Creates an object without pending waits. */
export function createWaiting(): Waiting {
  const waiting = new Set<() => void>()
  let isClosed = false

  const tell = (): void => {
    for (const wake of [...waiting]) wake()
  }
  const told = (): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        waiting.delete(wake)
        resolve()
      }
      waiting.add(wake)
    })

  return {
    async until(isSo) {
      while (!isSo() && !isClosed) await told()
    },
    tell,
    close() {
      isClosed = true
      tell()
    },
  }
}
