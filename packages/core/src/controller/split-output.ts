import type { CanaryErrorCode } from '../foundation/errors.js'
import type { Drift, Target } from '../rollout/ports.js'
import { shareOf } from '../rollout/state.js'
import type { InForce } from '../rollout/status.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { Split } from '../routing/router.js'
import { createShareInForce } from './share-in-force.js'
import { createTargetWrites, type TargetWritesOptions } from './target-writes.js'

/** A split, and the stay that it belongs to. */
export interface VisitedSplit extends Split {
  /** The number of the stay in its epoch, from 1; 0 before the first start. */
  readonly visit: number
}

/** Passes every change of the split to this process, and to the target if there is one. */
export interface SplitOutput {
  /** True while a change was not yet applied by the target, although this process has to send it. */
  readonly isUnderWay: boolean
  /** True if the latest change is an increase that this process leaves to the leader. */
  readonly isLeft: boolean
  /** The code of the latest failure of the pending change; `null` if it has not failed. */
  readonly refusal: CanaryErrorCode | null
  /** The canary's share that is known to be in force at the target or, without a target, in this process. */
  readonly inForce: InForce | null
  /** The present change of the split at the target from outside; `null` if there is none. */
  readonly drift: Drift | null
  /** Passes on a change. Resolves once it was applied or replaced by a newer one. */
  show(before: StoredRollout, after: StoredRollout): Promise<void>
  /** Sends the latest split again if it was a reduction: another process may have written the earlier split over it. */
  again(): void
  /** Sends the latest increase if this process left it to an earlier leader, and leads now. */
  catchUp(): void
  /** Resolves once no change is pending, also because of `close()`. */
  settled(): Promise<void>
  /** Starts or stops watching the target for changes from outside. */
  follow(isWanted: boolean): void
  close(): void
}

/** The options of {@link createSplitOutput}. */
export interface SplitOutputOptions extends Omit<TargetWritesOptions, 'target' | 'share'> {
  readonly target: Target | undefined
  readonly onSplit: ((split: VisitedSplit) => void) | undefined
  /** Returns the share that this process serves; left out if the traffic is not split in this process. */
  readonly inForceHere: (() => InForce) | undefined
  /** Returns whether the rollout has also been read from its store. */
  readonly hasHeard: () => boolean
  /**
   * Called when the decided weight came into force late: the target had failed, or the weight was changed from
   * outside.
   */
  readonly onLate: () => void
}

/**
 * Creates the output. A reduction is applied here first, then at the target; an increase at the target first, then
 * here. One that is left to the leader is applied here as soon as it is known.
 */
export function createSplitOutput(options: SplitOutputOptions): SplitOutput {
  const { target, onSplit, inForceHere, clock, hasHeard, onLate } = options
  let isPast = false // a later release has begun, and the target is its own
  const share = createShareInForce(clock, null) // at the target
  const writes = target && createTargetWrites({ ...options, target, share })

  return {
    get isUnderWay() {
      return writes?.isUnderWay === true
    },
    get isLeft() {
      return writes?.isLeft === true
    },
    get refusal() {
      return writes?.refusal ?? null
    },
    get inForce() {
      return target === undefined ? (inForceHere?.() ?? null) : share.value
    },
    get drift() {
      return writes?.drift ?? null
    },
    async show(before, after) {
      isPast = after.latest !== undefined
      const split = splitOf(after)
      if (isSame(split, splitOf(before))) return
      const weight = shareOf(after.state)
      const isLess = weight <= shareOf(before.state)
      if (isLess || isPast || writes === undefined) onSplit?.(split)
      if (writes === undefined) return
      if (isPast) return void share.put(weight)
      if (after.state.state === 'idle') return // nothing was decided yet
      const isReduction = isLessByDecision(before, after)
      const lastKnown = hasHeard() ? storedShare(before, after) : null
      const taken = await writes.bring({ weight, epoch: split.epoch, isReduction, lastKnown }, after.revision, isLess)
      if (taken === undefined || isLess) return
      onSplit?.(split)
      if (taken.isLate) onLate()
    },
    again: () => (isPast ? undefined : writes?.again()),
    catchUp: () => (isPast ? undefined : writes?.catchUp()),
    settled: async () => writes?.settled(),
    follow: (isWanted) => writes?.follow(isWanted),
    close: () => writes?.close(),
  }
}

/**
 * Returns whether a reduction was decided: by an end, the kill switch, or within an epoch. A lower start is not one.
 */
function isLessByDecision({ state: before }: StoredRollout, { state: after }: StoredRollout): boolean {
  if (after.state === 'rolled-back' || !after.enabled) return true
  return after.epoch === before.epoch && shareOf(after) < shareOf(before)
}

/** Returns the share in force according to the store while a change is pending; `null` if only a start is stored. */
function storedShare(before: StoredRollout, after: StoredRollout): number | null {
  if (before.revision > 0) return shareOf(before.state)
  return after.revision > 1 ? shareOf(after.state) : null
}

const splitOf = ({ state: { weight, epoch, step, visit, enabled } }: StoredRollout): VisitedSplit => ({
  weight,
  epoch,
  step,
  visit,
  active: enabled && weight > 0, // at 0 the baseline's requests are not evidence
})

const isSame = (a: VisitedSplit, b: VisitedSplit): boolean =>
  a.weight === b.weight && a.epoch === b.epoch && a.step === b.step && a.visit === b.visit && a.active === b.active
