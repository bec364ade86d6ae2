/** Lets callers wait for the end of a rollout. */
export interface UntilTerminal {
  /** Resolves when the rollout has ended or the controller is closed, or when aborted. */
  until(signal: AbortSignal | undefined): Promise<void>
  /** Resolves the pending waits. */
  tell(): void
}

/** Creates an object without pending waits. */
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
