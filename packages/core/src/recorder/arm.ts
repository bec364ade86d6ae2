import { type Aggregate, addAggregate, clearAggregate } from './aggregate.js'
import { type AnswerWatch, type AwaitedCall, createAnswerWatch } from './answer-watch.js'
import { type Callers, createCallers } from './callers.js'
import { createPending, type Pending } from './pending.js'
import type { Stalls } from './stalls.js'
import { createSlidingWindow, type SlidingWindow } from './window.js'

/** One variant's counts. Evidence is kept in `step` alone; the rollout is both together. */
export interface Arm<Entry extends AwaitedCall> {
  readonly pending: Pending<Entry>
  readonly answers: AnswerWatch<Entry>
  /** Who has been counted in this step. */
  readonly callers: Callers
  readonly step: Aggregate
  readonly sliding: SlidingWindow
  rest: Aggregate
}

/** How an arm slides, and what it counts in. */
export interface ArmOptions {
  readonly slices: number
  readonly sliceMs: number
  readonly stalls: Stalls
  readonly createAggregate: () => Aggregate
  /** Told of what a call's own functions threw. */
  readonly onFailure?: (cause: unknown) => void
}

/** Makes an arm that has counted nothing. */
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

/** All that an arm counts in. */
export function aggregatesOf({ rest, step, sliding }: Arm<AwaitedCall>): readonly Aggregate[] {
  return [rest, step, ...sliding.aggregates]
}

/** Ends a step: what was evidence for it is the rollout's from now on. */
export function closeStep({ rest, step, callers }: Arm<AwaitedCall>): void {
  addAggregate(rest, step)
  clearAggregate(step)
  callers.clear()
}
