import type { ByVariant } from '../foundation/vocabulary.js'

/** How the canary's requests came in this step, as the looks saw it. Plain JSON. */
export interface Arrivals {
  /** Time that the looks of this step span, pauses included, in milliseconds. */
  readonly watchedMs: number
  /** `watchedMs` when a look last found new requests of the canary; 0 before the first. */
  readonly lastMs: number
  /** The same as wall time, in milliseconds since 1970, or when the step was first looked at; `null` before that. */
  readonly lastAt: number | null
  /** The least time between two looks that found new requests: how fresh a source is; `null` where that is not known. */
  readonly apartMs: number | null
  /** The baseline's finished requests at that look. */
  readonly baseline: number
  /** Mean time between two requests of both arms in the step before, in milliseconds; `null` where that is not known. */
  readonly usualGapMs: number | null
}

/** Nothing has come yet. */
export const noArrivals: Arrivals = /* @__PURE__ */ Object.freeze({
  watchedMs: 0,
  lastMs: 0,
  lastAt: null,
  apartMs: null,
  baseline: 0,
  usualGapMs: null,
})

/** Takes in what a look found, `sinceMs` after the event before. */
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

/** Begins a step: of the one before, only the traffic as a whole is known. */
export function nextStep({ watchedMs, usualGapMs }: Arrivals, { baseline, canary }: ByVariant<number>): Arrivals {
  const all = baseline + canary
  return { ...noArrivals, usualGapMs: all > 0 && watchedMs > 0 ? watchedMs / all : usualGapMs }
}

/** How long no request of the canary has come, in milliseconds; time in which nobody looked included. */
export function quietMs({ watchedMs, lastMs, lastAt }: Arrivals, at: number): number {
  return Math.max(watchedMs - lastMs, lastAt === null ? 0 : at - lastAt)
}

/**
 * Whether the canary's latest requests are too old for a step to be left on them: older than two looks, or two new figures of a
 * source that is slower than the looks, and older than ten of the canary's own mean gaps.
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
