import type { ByVariant } from '../../foundation/vocabulary.js'

/** Counts of one arm wait so long for the other's, in milliseconds. */
const PATIENCE_MS = 120_000

/** Requests of a step that are not compared yet, since the other arm has had no news since. */
export interface Unpaired {
  readonly begun: ByVariant<number>
  readonly waitedMs: number
}

/** Everything is compared. */
export const noneUnpaired: Unpaired = /* @__PURE__ */ Object.freeze({ begun: { baseline: 0, canary: 0 }, waitedMs: 0 })

/** What waits with what came since: two arms that are counted in turn are compared when both have news. */
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
