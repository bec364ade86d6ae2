import type { Variant } from '../foundation/vocabulary.js'
import { type Aggregate, clearAggregate } from './aggregate.js'
import { addAggregate } from './aggregate-sum.js'
import { type AnswerWatch, type AwaitedCall, createAnswerWatch } from './answer-watch.js'
import { type Callers, createCallers } from './callers.js'
import { createPending, type Pending } from './pending.js'
import type { Stalls } from './stalls.js'
import { createSlidingWindow, type SlidingWindow } from './window.js'

/** One variant's counts. Only `step` has evidence; the counts of the rollout are `step` plus `rest`. */
export interface Arm<Entry extends AwaitedCall> {
  readonly pending: Pending<Entry>
  readonly answers: AnswerWatch<Entry>
  /** The callers that were counted in this round. */
  readonly callers: Callers
  readonly step: Aggregate
  readonly rest: Aggregate
  readonly sliding: SlidingWindow
}

/** The arms of both variants. */
export interface Arms<Entry extends AwaitedCall> {
  readonly baseline: Arm<Entry>
  readonly canary: Arm<Entry>
  readonly both: readonly Arm<Entry>[]
  /** Returns the arm of a variant; `undefined` for any other value. */
  of(variant: Variant): Arm<Entry> | undefined
}

/** Options of an arm. */
export interface ArmOptions {
  readonly slices: number
  readonly sliceMs: number
  readonly stalls: Stalls
  readonly createAggregate: () => Aggregate
  /** Called with errors of a call's own functions. */
  readonly onFailure?: (cause: unknown) => void
}

/** Creates two arms without counts. */
export function createArms<Entry extends AwaitedCall>(options: ArmOptions): Arms<Entry> {
  const baseline = createArm<Entry>(options)
  const canary = createArm<Entry>(options)
  return {
    baseline,
    canary,
    both: [baseline, canary],
    of: (variant) => (variant === 'baseline' ? baseline : variant === 'canary' ? canary : undefined),
  }
}

function createArm<Entry extends AwaitedCall>(options: ArmOptions): Arm<Entry> {
  const { createAggregate } = options
  return {
    pending: createPending(),
    answers: createAnswerWatch(options.stalls, options.onFailure),
    callers: createCallers(),
    step: createAggregate(),
    rest: createAggregate(),
    sliding: createSlidingWindow(options),
  }
}

/** Returns all aggregates of an arm. */
export function aggregatesOf({ rest, step, sliding }: Arm<AwaitedCall>): readonly Aggregate[] {
  return [rest, step, ...sliding.aggregates]
}

/** Ends a step: moves its counts to those of the rest of the rollout. */
export function closeStep({ rest, step, callers }: Arm<AwaitedCall>): void {
  addAggregate(rest, step)
  clearAggregate(step)
  callers.clear()
}
