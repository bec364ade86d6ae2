/** Those who wait until something holds. */
export interface Waiting {
  /** Resolves when the condition holds, or when there is nothing to wait for any more. */
  until(isSo: () => boolean): Promise<void>
  /** Something may hold now that did not: asks everybody's condition again. */
  tell(): void
  /** Lets everybody go, and makes nobody wait from now on. */
  close(): void
}

/** Begins with nobody who waits. */
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
