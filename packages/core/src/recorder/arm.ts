import { type Aggregate, addAggregate, clearAggregate } from './aggregate.js'
import { type AnswerWatch, type AwaitedCall, createAnswerWatch } from './answer-watch.js'
import { type Callers, createCallers } from './callers.js'
import { createPending, type Pending } from './pending.js'
import type { Stalls } from './stalls.js'
import { createSlidingWindow, type SlidingWindow } from './window.js'

/** One variant's counts. Only `step` has evidence; the counts of the rollout are `step` plus `rest`. */
export interface Arm<Entry extends AwaitedCall> {
  readonly pending: Pending<Entry>
  readonly answers: AnswerWatch<Entry>
  /** The callers that were counted in this step. */
  readonly callers: Callers
  readonly step: Aggregate
  readonly sliding: SlidingWindow
  rest: Aggregate
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

/** Creates an arm without counts. */
export function createArm<Entry extends AwaitedCall>(options: ArmOptions): Arm<Entry> {
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
