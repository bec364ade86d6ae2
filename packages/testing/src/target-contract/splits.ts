import type { Target, TargetSplit } from '@model-canary/core/controller'

/** How a split is sent. */
export interface BringOptions {
  /** @default 1 */
  readonly epoch?: number
  /** @default a signal that is never aborted */
  readonly signal?: AbortSignal
}

/** Sends splits to targets, as controllers with a common store do. */
export interface Splits {
  /** Returns the next split, as a controller sends it: with the share that its store knows. */
  next(weight: number, epoch?: number): TargetSplit
  /** Sends the next split. */
  bring(target: Target, weight: number, options?: BringOptions): Promise<void>
}

/** Creates splits with rising revisions. The known share is the last one that was sent and taken. */
export function createSplits(): Splits {
  let revision = 0
  let lastKnown: number | null = null

  const next = (weight: number, epoch = 1): TargetSplit => {
    revision += 1
    return { weight, epoch, revision, lastKnown, isReduction: weight < (lastKnown ?? 0) || weight === 0 }
  }
  return {
    next,
    async bring(target, weight, { epoch, signal = new AbortController().signal } = {}) {
      await target.apply(next(weight, epoch), signal)
      lastKnown = weight
    },
  }
}
