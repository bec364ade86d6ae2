import type { CanaryErrorCode } from '../foundation/errors.js'
import type { Drift, Target } from '../rollout/ports.js'
import { shareOf } from '../rollout/state.js'
import type { InForce } from '../rollout/status.js'
import type { StoredRollout } from '../rollout/store.js'
import type { Split } from '../routing/router.js'
import { createShareInForce } from './share-in-force.js'
import { createTargetWrites, type TargetWritesOptions } from './target-writes.js'

/** Brings every change of the split out of the rollout: to this process, and to the target if there is one. */
export interface SplitOutput {
  /** Whether a change is on its way to the target and not taken yet. */
  readonly isUnderWay: boolean
  /** The code of the latest failure of the change that is under way; `null` where it has not failed. */
  readonly refusal: CanaryErrorCode | null
  /** What the target is known to give the canary; without a target, what this process gives it. */
  readonly inForce: InForce | null
  /** What somebody else made of the split that the target had taken, while that lasts. */
  readonly drift: Drift | null
  /** Resolves once the change is out, or was overtaken by a newer one. */
  show(before: StoredRollout, after: StoredRollout): Promise<void>
  /** Sends the target what it was sent last, where that was less canary: somebody else may have put back what was there before. */
  again(): void
  /** Resolves once nothing is under way any more, also because of `close()`. */
  settled(): Promise<void>
  /** Begins or ends to watch the target for changes by others. */
  follow(isWanted: boolean): void
  close(): void
}

/** Where splits go. */
export interface SplitOutputOptions extends Omit<TargetWritesOptions, 'target' | 'share'> {
  readonly target: Target | undefined
  readonly onSplit: ((split: Split) => void) | undefined
  /** Whether the rollout is known from its store too, and not from this process alone. */
  readonly hasHeard: () => boolean
  /** Called when the decided weight came into force only now: the target had failed, or somebody else had changed it. */
  readonly onLate: () => void
}

/** Less canary: here first, at once, then the target. More canary: the target first, then here. */
export function createSplitOutput(options: SplitOutputOptions): SplitOutput {
  const { target, onSplit, clock, hasHeard, onLate } = options
  const share = createShareInForce(clock, target === undefined ? 0 : null)
  const writes = target && createTargetWrites({ ...options, target, share })

  return {
    get isUnderWay() {
      return writes?.isUnderWay === true
    },
    get refusal() {
      return writes?.refusal ?? null
    },
    get inForce() {
      return share.value
    },
    get drift() {
      return writes?.drift ?? null
    },
    async show(before, after) {
      const split = splitOf(after)
      if (isSame(split, splitOf(before))) return
      const weight = shareOf(after.state)
      const isLess = weight <= shareOf(before.state)
      if (isLess || writes === undefined) onSplit?.(split)
      if (writes === undefined) return void share.put(weight)
      if (after.state.state === 'idle') return // nothing has been decided that a target should hear of
      const isReduction = isLessByDecision(before, after)
      const lastKnown = hasHeard() ? storedShare(before, after) : null
      const taken = await writes.bring({ weight, epoch: split.epoch, isReduction, lastKnown }, after.revision, isLess)
      if (taken === undefined || isLess) return
      onSplit?.(split)
      if (taken.isLate) onLate()
    },
    again: () => writes?.again(),
    settled: async () => writes?.settled(),
    follow: (isWanted) => writes?.follow(isWanted),
    close: () => writes?.close(),
  }
}

/** Whether less canary was decided, and not merely less begun with: by an end, the kill switch, or a fall within one epoch. */
function isLessByDecision({ state: before }: StoredRollout, { state: after }: StoredRollout): boolean {
  if (after.state === 'rolled-back' || !after.enabled) return true
  return after.epoch === before.epoch && shareOf(after) < shareOf(before)
}

/** What the store says is in force while this change is on its way; `null` where it holds no more than a beginning. */
function storedShare(before: StoredRollout, after: StoredRollout): number | null {
  if (before.revision > 0) return shareOf(before.state)
  return after.revision > 1 ? shareOf(after.state) : null
}

const splitOf = ({ state: { weight, epoch, step, enabled } }: StoredRollout): Split => ({
  weight,
  epoch,
  step,
  active: enabled && weight > 0, // at 0 nothing is split: what the baseline serves then is no evidence
})

const isSame = (a: Split, b: Split): boolean =>
  a.weight === b.weight && a.epoch === b.epoch && a.step === b.step && a.active === b.active
