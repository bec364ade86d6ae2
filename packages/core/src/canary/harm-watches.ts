import type { AssembledController } from '../controller/controller-contract.js'
import { type Assignment, isOutcome, type Outcome } from '../foundation/vocabulary.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import type { Calibration } from '../judging/judge.js'
import { createBakeWatch } from '../recorder/bake-watch.js'
import { createTripwire } from '../recorder/live-tripwire.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import type { Tripwire } from '../recorder/tripwire.js'
import type { Split } from '../routing/router.js'
import type { ProcessSplit } from './process-split.js'

/** Finds harm that cannot wait for a look: a spike of errors, or unanswered requests while there is no baseline. */
export interface HarmWatches {
  /** Adds the outcome of a request of either arm; `isTrial` is false if another call of the request was counted. */
  ended(assignment: Pick<Assignment, 'variant' | 'reason' | 'epoch'>, outcome: Outcome, isTrial?: boolean): void
  /** Reads the counts of answers up to now. */
  swept(at: number): void
  /** Begins a stay at another weight. `answeredBefore` is how the baseline answered before the rollout. */
  open(next: Split, at: number, answeredBefore: Calibration['answered']): void
}

/** The members of a controller that roll back on harm. */
export type HarmedRollout = Pick<AssembledController, 'trip' | 'isBaking'>

/** The options of {@link createHarmWatches}. */
export interface HarmWatchesOptions {
  readonly guardrails: readonly Guardrail[]
  readonly tripwire: Tripwire | null
  /** Whether the tripwire also works while there is a baseline to compare with. */
  readonly isTripwireAlwaysOn: boolean
  readonly recorder: Pick<Recorder, 'answers' | 'read'>
  readonly split: Pick<ProcessSplit, 'decided'>
  /** Returns the controller that harm is reported to; `undefined` before there is one. */
  readonly rollout: () => HarmedRollout | undefined
}

/** Creates watches without any data. */
export function createHarmWatches(options: HarmWatchesOptions): HarmWatches {
  const { guardrails, tripwire, isTripwireAlwaysOn, recorder, split, rollout } = options
  const wire = tripwire && createTripwire(tripwire)
  const bakeWatch = createBakeWatch(guardrails)
  const isWithoutBaseline = (): boolean => split.decided.weight === 100 && rollout()?.isBaking() === true

  return {
    ended({ variant, reason, epoch }, outcome, isTrial = true) {
      if (!isTrial || wire === null || reason !== 'split' || epoch !== split.decided.epoch) return
      const why = wire.record(variant, isOutcome(outcome) ? outcome : 'error')
      if (why === undefined || !(isTripwireAlwaysOn || isWithoutBaseline())) return
      wire.reset()
      rollout()?.trip(why, epoch)
    },
    swept(at) {
      const { active, epoch } = split.decided
      if (bakeWatch === undefined || !active || !isWithoutBaseline()) return
      const why = bakeWatch.record(recorder.answers('canary'), at)
      if (why !== undefined) rollout()?.trip(why, epoch)
    },
    open({ weight }, at, answeredBefore) {
      if (weight === 100) bakeWatch?.open(recorder.read('rollout', at).baseline.answers, at, answeredBefore)
      wire?.reset()
    },
  }
}
