import type { ByVariant } from '../foundation/vocabulary.js'

/** When the canary's requests of this step were seen by looks. Plain JSON. */
export interface Arrivals {
  /** Time that the looks of this step span, pauses included, in milliseconds. */
  readonly watchedMs: number
  /** The value of `watchedMs` when a look last found new requests of the canary; 0 before the first. */
  readonly lastMs: number
  /**
   * The wall time of that look or, before it, of the first look, in milliseconds since 1970; `null` before any look.
   */
  readonly lastAt: number | null
  /** The least time between two looks that found new requests, as a measure of the source; `null` if it is not known. */
  readonly apartMs: number | null
  /** The baseline's finished requests at that look. */
  readonly baseline: number
  /** The mean time between two requests of both arms in the step before, in milliseconds; `null` if it is not known. */
  readonly usualGapMs: number | null
}

/** The arrivals before the first request. */
export const noArrivals: Arrivals = /* @__PURE__ */ Object.freeze({
  watchedMs: 0,
  lastMs: 0,
  lastAt: null,
  apartMs: null,
  baseline: 0,
  usualGapMs: null,
})

/** Returns the arrivals with the requests that a look found, `sinceMs` after the event before. */
export function arrive(
  before: Arrivals,
  was: ByVariant<number>,
  is: ByVariant<number>,
  sinceMs: number,
  at: number,
): Arrivals {
  const watchedMs = before.watchedMs + sinceMs
  if (is.canary <= was.canary) return { ...before, watchedMs, lastAt: before.lastAt ?? at }
  const apartMs = was.canary === 0 ? null : Math.min(before.apartMs ?? Number.MAX_VALUE, watchedMs - before.lastMs)
  return { ...before, watchedMs, lastMs: watchedMs, lastAt: at, apartMs, baseline: is.baseline }
}

/** Returns the arrivals at the beginning of a step; only the mean traffic of the step before is kept. */
export function nextStep({ watchedMs, usualGapMs }: Arrivals, { baseline, canary }: ByVariant<number>): Arrivals {
  const all = baseline + canary
  return { ...noArrivals, usualGapMs: all > 0 && watchedMs > 0 ? watchedMs / all : usualGapMs }
}

/** Returns how long no request of the canary was seen, in milliseconds, including time without looks. */
export function quietMs({ watchedMs, lastMs, lastAt }: Arrivals, at: number): number {
  return Math.max(watchedMs - lastMs, lastAt === null ? 0 : at - lastAt)
}

/**
 * Returns whether the canary's latest requests are too old to leave a step on: older than two looks, or than two
 * updates of a source that is slower than the looks, and older than ten mean gaps between the canary's requests.
 */
export function isStale(
  {
    arrivals,
    requests,
    lookMs,
  }: { readonly arrivals: Arrivals; readonly requests: ByVariant<number>; readonly lookMs: number },
  at: number,
  intervalMs: number,
): boolean {
  const twoLooksMs = 2 * Math.max(intervalMs, lookMs, arrivals.apartMs ?? 0)
  const tenGapsMs = requests.canary === 0 ? 0 : (10 * arrivals.lastMs) / requests.canary
  return quietMs(arrivals, at) > Math.max(twoLooksMs, tenGapsMs)
}
