import type { Guardrail } from '../guardrails/guardrail.js'
import { type AnswerCounts, addAnswers, noAnswers } from '../summaries/answer-counts.js'

/** The canary's unanswered requests in the present window, while there is no baseline to compare with. Plain JSON. */
export interface BakeWindow {
  /** The baseline's rate of unanswered requests when this began. */
  readonly before: number
  /** How long the window has lasted, in milliseconds. */
  readonly ms: number
  /** The canary's counts when the window began. */
  readonly decided: number
  /** The number of unanswered calls when the window opened. */
  readonly unanswered: number
  /** How many consecutive windows were above the limit. */
  readonly inARow: number
}

/**
 * The answers to callers in this epoch, counted outside of this process. A baking canary is judged by them. Plain
 * JSON.
 */
export interface AnsweredSince {
  /** The baseline in the stays before this one. */
  readonly baseline: AnswerCounts
  /** The present window, while the canary serves all requests. */
  readonly bake: (BakeWindow & { readonly openedAt: number }) | null
}

/** The least length of a window, in milliseconds, and the fewest decided requests in it. */
export const LEAST_WINDOW_MS = 15_000
const FEWEST = 50

/** How many consecutive windows must be above the limit. */
const IN_A_ROW = 2

/** The number of standard deviations of a window's rate that are attributed to chance; see `tripwire`. */
const DEVIATIONS = 6

/** Returns the smallest margin of the guardrails on unanswered requests that roll back; `undefined` without one. */
export function bakeMargin(guardrails: readonly Guardrail[]): number | undefined {
  const margins = guardrails.flatMap((guardrail) =>
    guardrail.kind === 'unansweredRate' && guardrail.severity === 'rollback' ? [guardrail.margin] : [],
  )
  return margins.length === 0 ? undefined : Math.min(...margins)
}

/**
 * Returns the first window. The reference is the baseline's rate, or its rate before the rollout if too few of its
 * requests were seen since then.
 */
export function firstBakeWindow(baseline: AnswerCounts, answeredBefore: AnswerCounts = noAnswers): BakeWindow {
  const { decided, unanswered } = baseline.decided < FEWEST ? addAnswers(baseline, answeredBefore) : baseline
  const before = (unanswered + 1) / (decided + 2) // Laplace: a rate without any event is not 0
  return { before, ms: 0, decided: 0, unanswered: 0, inARow: 0 }
}

/**
 * Returns the window with the canary's counts up to now, or the next window if it is over, and why to roll back.
 *
 * Two successive windows must have a rate above `b + margin + 6·√(b(1 − b)/n)`, with `b` the baseline's rate and `n` the
 * decided requests. Counts that went down were restarted, and the window is restarted with them.
 *
 * @param leastMs the least length of a window: 15 s, or the interval between the counts if that is longer
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
