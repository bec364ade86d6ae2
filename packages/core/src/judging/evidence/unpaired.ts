import type { ByVariant } from '../../foundation/vocabulary.js'

/** How long counts of one arm wait for the other arm's, in milliseconds. */
const PATIENCE_MS = 120_000

/** Requests of a step that wait: the other arm has had no requests since, so they are not compared yet. */
export interface Unpaired {
  readonly begun: ByVariant<number>
  readonly waitedMs: number
}

/** No requests wait. */
export const noneUnpaired: Unpaired = /* @__PURE__ */ Object.freeze({ begun: { baseline: 0, canary: 0 }, waitedMs: 0 })

/**
 * Returns the waiting requests after one more block. Arms that are counted in turn are compared once both have new
 * counts.
 */
export function pairUp(
  { begun: before, waitedMs: waited }: Unpaired,
  came: ByVariant<number>,
  elapsedMs: number,
): Unpaired {
  const begun = { baseline: before.baseline + came.baseline, canary: before.canary + came.canary }
  const waitedMs = waited + elapsedMs
  const isOver = (begun.baseline > 0 && begun.canary > 0) || waitedMs >= PATIENCE_MS
  return isOver || begun.baseline + begun.canary === 0 ? noneUnpaired : { begun, waitedMs }
}
