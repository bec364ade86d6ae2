/** The span over which extra baseline calls are counted, in milliseconds. */
const SPAN_MS = 10_000
const SLICES = 10
const SLICE_MS = SPAN_MS / SLICES

/** At most this share of the baseline's own calls may come on top. */
const MOST_SHARE = 0.2

/** So many are always allowed. */
const ALWAYS = 5

/** Keeps a broken canary from doubling the baseline's load. */
export interface FallbackBudget {
  /** Counts a call that the baseline serves by itself. */
  spend(elapsedMs: number): void
  /** Takes one extra call, if there is one left; beyond that the canary's error goes through. */
  take(elapsedMs: number): boolean
}

/** At most 20 % extra baseline calls over 10 s, and 5 in any case. */
export function createFallbackBudget(): FallbackBudget {
  const own = new Float64Array(SLICES)
  const extra = new Float64Array(SLICES)
  let newest = 0

  const slotAt = (elapsedMs: number): number => {
    const slice = Math.max(newest, Math.floor(elapsedMs / SLICE_MS))
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
