/** Those who wait for the end of a rollout. */
export interface UntilTerminal {
  /** Resolves when there is nothing to wait for any more, or when aborted. */
  until(signal: AbortSignal | undefined): Promise<void>
  /** Tells everybody who waits. */
  tell(): void
}

/** Begins with nobody who waits. */
export function createUntilTerminal(isOver: () => boolean): UntilTerminal {
  const waiting = new Set<() => void>()
  return {
    async until(signal) {
      if (isOver() || signal?.aborted) return
      await new Promise<void>((resolve) => {
        waiting.add(resolve)
        signal?.addEventListener('abort', () => resolve(), { once: true })
      })
    },
    tell() {
      for (const tell of waiting) tell()
    },
  }
}
