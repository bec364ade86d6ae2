import type { Summary } from '../summaries/summary.js'
import { type Aggregate, addAggregate, type SlotNames, subtractAggregate, toSummary } from './aggregate.js'

/** The baseline in successive windows of time, whatever becomes of the rollout. Time is always an argument. */
export interface BaselineWindows {
  /** Where the open window ends: what is observed from there on belongs to a later one. */
  readonly endsAt: number
  /** The counts that are held beside the baseline's own. */
  readonly held: Aggregate
  /**
   * Ends the open window and opens the one in which `at` lies.
   * Answers with what was counted in the ended one, or `undefined` if none was open.
   */
  turn(at: number): Summary | undefined
  /** Keeps what the open window has counted, as the baseline's counts are about to begin at nothing. */
  carry(): void
}

/** What the windows are made of. */
export interface BaselineWindowsOptions {
  readonly windowMs: number
  /** The baseline's counts as they are now: what it did is all of them together. */
  readonly counts: () => readonly Aggregate[]
  readonly names: () => SlotNames
  readonly createAggregate: () => Aggregate
}

/** Makes windows of the baseline. Nothing is counted twice: a window is what the counts rose by. */
export function createBaselineWindows(options: BaselineWindowsOptions): BaselineWindows {
  const { windowMs, counts, names, createAggregate } = options
  let isCarried = true // whether `held` was counted in the open window, or before it
  const windows = { endsAt: Number.NEGATIVE_INFINITY, held: createAggregate(), turn, carry }
  return windows

  function turn(at: number): Summary | undefined {
    const isFirst = windows.endsAt === Number.NEGATIVE_INFINITY
    windows.endsAt = (Math.floor(at / windowMs) + 1) * windowMs
    if (isFirst) return undefined
    const ended = toSummary(inWindow(), names())
    windows.held = total()
    isCarried = false
    return ended
  }

  function carry(): void {
    windows.held = inWindow()
    isCarried = true
  }

  function inWindow(): Aggregate {
    const sum = total()
    if (isCarried) addAggregate(sum, windows.held)
    else subtractAggregate(sum, windows.held)
    return sum
  }

  function total(): Aggregate {
    const sum = createAggregate()
    for (const part of counts()) addAggregate(sum, part)
    return sum
  }
}
