import type { Guardrail } from '../guardrails/guardrail.js'
import { type AnswerCounts, addAnswers, noAnswers } from '../summaries/answer-counts.js'

/** How the canary's callers fare in the window under way, while there is no baseline to compare with. Plain JSON. */
export interface BakeWindow {
  /** The baseline's rate of unanswered requests when this began. */
  readonly before: number
  /** How long the window has lasted, in milliseconds. */
  readonly ms: number
  /** The canary's counts when the window began. */
  readonly decided: number
  /** Unanswered calls when the window opened. */
  readonly unanswered: number
  /** How many windows in a row were beyond the line. */
  readonly inARow: number
}

/** Whether callers were answered in this epoch, as counts from outside tell: what a baking canary is measured by. Plain JSON. */
export interface AnsweredSince {
  /** The baseline in the stays before this one. */
  readonly baseline: AnswerCounts
  /** The window under way, while the canary serves everybody. */
  readonly bake: (BakeWindow & { readonly openedAt: number }) | null
}

/** The least length of a window, in milliseconds, and the fewest decided requests in it. */
export const LEAST_WINDOW_MS = 15_000
const FEWEST = 50

/** So many windows in a row must be beyond the line. */
const IN_A_ROW = 2

/** How many standard deviations of a window's rate are left to chance; see `tripwire`. */
const DEVIATIONS = 6

/** The smallest margin of the guardrails on unanswered requests that roll back, or `undefined` without one. */
export function bakeMargin(guardrails: readonly Guardrail[]): number | undefined {
  const margins = guardrails.flatMap((guardrail) =>
    guardrail.kind === 'unansweredRate' && guardrail.severity === 'rollback' ? [guardrail.margin] : [],
  )
  return margins.length === 0 ? undefined : Math.min(...margins)
}

/** The first window: the measure is the baseline's rate, or its rate before the rollout where too little of it was seen since. */
export function firstBakeWindow(baseline: AnswerCounts, answeredBefore: AnswerCounts = noAnswers): BakeWindow {
  const { decided, unanswered } = baseline.decided < FEWEST ? addAnswers(baseline, answeredBefore) : baseline
  const before = (unanswered + 1) / (decided + 2) // Laplace: a rate that was never seen to be above 0 is not 0
  return { before, ms: 0, decided: 0, unanswered: 0, inARow: 0 }
}

/**
 * The window with the canary's counts up to now, or the one after it where it is over; and why it asks for a rollback.
 *
 * Two successive windows must have a rate above `b + margin + 6·√(b(1 − b)/n)`, with `b` the baseline's rate and `n` the
 * decided requests. Counts that fell have begun anew, and the window with them.
 *
 * @param leastMs the least length of a window: 15 s, or how far apart the counts are taken if that is longer
 */
export function bakeOn(
  window: BakeWindow,
  { decided, unanswered }: Pick<AnswerCounts, 'decided' | 'unanswered'>,
  passedMs: number,
  margin: number,
  leastMs = LEAST_WINDOW_MS,
): readonly [window: BakeWindow, why?: string] {
  const { before } = window
  const ms = window.ms + passedMs
  const n = decided - window.decided
  const lost = unanswered - window.unanswered
  if (n < 0 || lost < 0) return [{ ...window, ms: 0, decided, unanswered }]
  if (ms < Math.max(leastMs, LEAST_WINDOW_MS) || n < FEWEST) return [{ ...window, ms }]
  const line = before + margin + DEVIATIONS * Math.sqrt((before * (1 - before)) / n)
  const inARow = lost / n > line ? window.inARow + 1 : 0
  const next = { before, ms: 0, decided, unanswered }
  if (inARow < IN_A_ROW) return [{ ...next, inARow }]
  const why = `${lost} of the last ${n} requests brought their callers nothing; before, ${percent(before)} % did`
  return [{ ...next, inARow: 0 }, why]
}

const percent = (share: number): string => (share * 100).toPrecision(2)
