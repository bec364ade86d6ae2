import { isRecord } from '../foundation/options.js'
import type { Target, TargetSplit } from '../rollout/ports.js'
import type { Clock } from '../runtime/clock.js'
import { backOff, withDeadline } from '../runtime/deadline.js'

/** Sends the newest split to a target, and retries until the target applies it. */
export interface Applier {
  /**
   * Resolves to true once the target has applied this split. Resolves to false once a newer one has replaced it, or if
   * this process may not send it any more.
   */
  apply(split: TargetSplit): Promise<boolean>
  close(): void
}

/** The options of {@link createApplier}. */
export interface ApplierOptions {
  readonly target: Target
  readonly clock: Clock
  /** How long one call may take, in milliseconds. */
  readonly timeoutMs: number
  /** Called with the error of every failed attempt, and whether the split may be in force nevertheless. */
  readonly onFailure: (error: unknown, mayBeInForce: boolean) => void
  /**
   * Returns a split with the fence of this process; `undefined` if this process may not send it. It is called before
   * each attempt. Left out for a process that shares no store.
   */
  readonly fenced?: ((split: TargetSplit) => TargetSplit | undefined) | undefined
}

/**
 * Creates an applier. A new split aborts the pending call for an older one and does not wait for it. If the older call
 * still succeeds, the newest split is sent again. A split of an older epoch is never sent after one of a newer epoch.
 */
export function createApplier(options: ApplierOptions): Applier {
  const { target, clock, timeoutMs, onFailure, fenced = (split: TargetSplit) => split } = options
  let newest: TargetSplit | undefined
  let current = new AbortController()
  let epoch = 0
  let isRepairing = false
  let isStale = false // an older call has landed since the newest split was last sent

  const send = async (split: TargetSplit, signal: AbortSignal, tries = 1): Promise<boolean> => {
    const sent = fenced(split)
    if (sent === undefined) return false
    let isLate = () => false
    const call = async (deadline: AbortSignal) => {
      isLate = () => deadline.aborted
      await target.apply(sent, deadline)
      if (signal.aborted) void repair()
    }
    try {
      await withDeadline(clock, timeoutMs, call, signal)
      return !signal.aborted
    } catch (error) {
      if (signal.aborted) return false
      onFailure(error, isLate() || (isRecord(error) && error.mayBeInForce === true))
      await backOff(clock, tries, signal)
      return signal.aborted ? false : send(split, signal, tries + 1)
    }
  }

  /** Sends the newest split again after an older one. One at a time, however many older ones land. */
  const repair = async (): Promise<void> => {
    isStale = true
    if (isRepairing) return
    isRepairing = true
    while (isStale && newest !== undefined) {
      isStale = false
      await send(newest, current.signal)
    }
    isRepairing = false
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
