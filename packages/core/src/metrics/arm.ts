import { type Aggregate, addAggregate, clearAggregate } from './aggregate.js'
import { createPending, type Pending, type PendingEntry } from './pending.js'
import { createSlidingWindow, type SlidingWindow } from './window.js'

/** One variant's counts. Evidence is kept in `step` alone; the rollout is both together. */
export interface Arm<Entry extends PendingEntry> {
  readonly pending: Pending<Entry>
  readonly step: Aggregate
  readonly sliding: SlidingWindow
  rest: Aggregate
}

/** How an arm slides, and what it counts in. */
export interface ArmOptions {
  readonly slices: number
  readonly sliceMs: number
  readonly createAggregate: () => Aggregate
}

/** Makes an arm that has counted nothing. */
export function createArm<Entry extends PendingEntry>(options: ArmOptions): Arm<Entry> {
  const { createAggregate } = options
  return {
    pending: createPending(),
    step: createAggregate(),
    rest: createAggregate(),
    sliding: createSlidingWindow(options),
  }
}

/** All that an arm counts in. */
export function aggregatesOf({ rest, step, sliding }: Arm<PendingEntry>): readonly Aggregate[] {
  return [rest, step, ...sliding.aggregates]
}

/** Ends a step: what was evidence for it is the rollout's from now on. */
export function closeStep({ rest, step }: Arm<PendingEntry>): void {
  addAggregate(rest, step)
  clearAggregate(step)
}
