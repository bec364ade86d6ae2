import type { Target, TargetSplit } from '@model-canary/core/controller'

/** How a split is sent. */
export interface BringOptions {
  /** @default 1 */
  readonly epoch?: number
  /** The fence of the leader that sends it. @default none, as where no processes share a store */
  readonly fence?: number
  /** @default a signal that is never aborted */
  readonly signal?: AbortSignal
}

/** Sends splits to targets, as controllers with a common store do. */
export interface Splits {
  /** Returns the next split, as a controller sends it: with the share that its store knows. */
  next(weight: number, options?: Pick<BringOptions, 'epoch' | 'fence'>): TargetSplit
  /** Sends the next split. */
  bring(target: Target, weight: number, options?: BringOptions): Promise<void>
}

/** Creates splits with rising revisions. The known share is the last one that was sent and taken. */
export function createSplits(): Splits {
  let revision = 0
  let lastKnown: number | null = null

  const next: Splits['next'] = (weight, { epoch = 1, fence } = {}) => {
    revision += 1
    const isReduction = weight < (lastKnown ?? 0) || weight === 0
    return { weight, epoch, revision, lastKnown, isReduction, ...(fence !== undefined && { fence }) }
  }
  return {
    next,
    async bring(target, weight, { signal = new AbortController().signal, ...options } = {}) {
      await target.apply(next(weight, options), signal)
      lastKnown = weight
    },
  }
}
