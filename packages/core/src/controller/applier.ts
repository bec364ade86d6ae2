import type { Target, TargetSplit } from '../rollout/ports.js'
import type { Clock } from '../runtime/clock.js'
import { backOff, withDeadline } from '../runtime/deadline.js'

/** Brings the newest wanted split to a target, and tries again until it is taken. */
export interface Applier {
  /** Resolves to true once the target took this split, to false once a newer one took its place. */
  apply(split: TargetSplit): Promise<boolean>
  close(): void
}

/** How an applier waits and complains. */
export interface ApplierOptions {
  readonly target: Target
  readonly clock: Clock
  /** How long one call may take, in milliseconds. */
  readonly timeoutMs: number
  /** Called with the error of every failed try. */
  readonly onFailure: (error: unknown) => void
}

/**
 * Makes an applier. The newest split wins: it aborts the call under way for an older one and does not
 * wait for it; should the older call succeed all the same, the newest split is sent once more.
 * A split of an older epoch is never sent after one of a newer.
 */
export function createApplier({ target, clock, timeoutMs, onFailure }: ApplierOptions): Applier {
  let newest: TargetSplit | undefined
  let current = new AbortController()
  let epoch = 0

  const send = async (split: TargetSplit, signal: AbortSignal, tries = 1): Promise<boolean> => {
    const call = async (deadline: AbortSignal) => {
      await target.apply(split, deadline)
      if (signal.aborted && newest !== undefined) void send(newest, current.signal)
    }
    try {
      await withDeadline(clock, timeoutMs, call, signal)
      return !signal.aborted
    } catch (error) {
      if (signal.aborted) return false
      onFailure(error)
      await backOff(clock, tries, signal)
      return signal.aborted ? false : send(split, signal, tries + 1)
    }
  }

  return {
    async apply(split) {
      if (split.epoch < epoch) return false
      epoch = split.epoch
      current.abort()
      current = new AbortController()
      newest = split
      return send(split, current.signal)
    },
    close() {
      newest = undefined
      current.abort()
    },
  }
}
