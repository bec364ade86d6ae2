import type { Guardrail } from '../analysis/guardrail.js'
import { type AnswerCounts, addAnswers, noAnswers } from '../metrics/answer-counts.js'

/** Watches for unanswered requests while the canary serves everybody and there is no baseline to compare with. */
export interface BakeWatch {
  /**
   * Begins: from now on the baseline's rate is the measure; its rate before the rollout (`past`) where this process
   * has seen too little of it since, as after a restart.
   */
  open(baseline: AnswerCounts, at: number, past?: AnswerCounts): void
  /**
   * Takes the canary's counts since `open`, as often as one likes; returns why they ask for a rollback, or `undefined`.
   *
   * @param at milliseconds on the clock's `elapsed` scale
   */
  observe(canary: AnswerCounts, at: number): string | undefined
}

/** The least length of a window, in milliseconds, and the fewest decided requests in it. */
const WINDOW_MS = 15_000
const FEWEST = 50

/** Two windows in a row must be beyond the line. */
const IN_A_ROW = 2

/** How many standard deviations of a window's rate are left to chance; see `tripwire`. */
const DEVIATIONS = 6

/**
 * Makes a watch for the guardrails on unanswered requests; `undefined` without one that rolls back.
 *
 * It acts where two successive windows of 15 s, or of the time that 50 decided requests take if that is longer, have a
 * rate above `b + margin + 6·√(b(1 − b)/n)`, with `b` the baseline's rate when baking began and `n` the decided requests.
 */
export function createBakeWatch(guardrails: readonly Guardrail[]): BakeWatch | undefined {
  const margins = guardrails.flatMap((guardrail) =>
    guardrail.kind === 'unansweredRate' && guardrail.severity === 'rollback' ? [guardrail.margin] : [],
  )
  if (margins.length === 0) return undefined
  const margin = Math.min(...margins)
  let before = 0
  let since = { at: 0, decided: 0, unanswered: 0 }
  let inARow = 0

  return {
    open(baseline, at, past = noAnswers) {
      const { decided, unanswered } = baseline.decided < FEWEST ? addAnswers(baseline, past) : baseline
      before = (unanswered + 1) / (decided + 2) // Laplace: a rate that was never seen to be above 0 is not 0
      since = { at, decided: 0, unanswered: 0 }
      inARow = 0
    },
    observe({ decided, unanswered }, at) {
      const n = decided - since.decided
      const lost = unanswered - since.unanswered
      if (at - since.at < WINDOW_MS || n < FEWEST) return undefined
      since = { at, decided, unanswered }
      const line = before + margin + DEVIATIONS * Math.sqrt((before * (1 - before)) / n)
      inARow = lost / n > line ? inARow + 1 : 0
      if (inARow < IN_A_ROW) return undefined
      inARow = 0
      return `${lost} of the last ${n} requests brought their callers nothing; before, ${percent(before)} % did`
    },
  }
}

const percent = (share: number): string => (share * 100).toPrecision(2)
