/** The period over which extra baseline calls are counted, in milliseconds. */
const SPAN_MS = 10_000
const SLICES = 10
const SLICE_MS = SPAN_MS / SLICES

/** The largest number of extra calls, as a share of the baseline's own calls. */
const MOST_SHARE = 0.2

/** The number of extra calls that are always allowed. */
const ALWAYS = 5

/** Limits fallback calls, so that a broken canary does not double the baseline's load. */
export interface FallbackBudget {
  /** Counts a call that was routed to the baseline. */
  spend(elapsedMs: number): void
  /** Returns whether an extra call is allowed, and counts it. If not, the caller gets the canary's error. */
  take(elapsedMs: number): boolean
}

/** Creates a budget: extra baseline calls of at most 20 % over 10 s, but always 5. */
export function createFallbackBudget(): FallbackBudget {
  const own = new Float64Array(SLICES)
  const extra = new Float64Array(SLICES)
  let newest = 0

  const slotAt = (elapsedMs: number): number => {
    const slice = Math.floor(elapsedMs / SLICE_MS)
    if (slice <= newest) return newest % SLICES
    for (let stale = Math.max(newest + 1, slice - SLICES + 1); stale <= slice; stale += 1) {
      own[stale % SLICES] = 0
      extra[stale % SLICES] = 0
    }
    newest = slice
    return slice % SLICES
  }

  return {
    spend(elapsedMs) {
      own[slotAt(elapsedMs)]! += 1
    },
    take(elapsedMs) {
      const slot = slotAt(elapsedMs)
      if (total(extra) + 1 > Math.max(ALWAYS, MOST_SHARE * total(own))) return false
      extra[slot]! += 1
      return true
    },
  }
}

function total(slices: Float64Array): number {
  let sum = 0
  for (const count of slices) sum += count
  return sum
}
