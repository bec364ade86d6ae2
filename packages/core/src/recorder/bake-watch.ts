import type { Guardrail } from '../guardrails/guardrail.js'
import { type BakeWindow, bakeMargin, bakeOn, firstBakeWindow } from '../rollout/bake-window.js'
import type { AnswerCounts } from '../summaries/answer-counts.js'

/** Watches for unanswered requests while the canary serves all requests and there is no baseline to compare with. */
export interface BakeWatch {
  /**
   * Starts the watch with the baseline's rate as the reference. If this process has seen too few of its requests, as
   * after a restart, the reference is its rate before the rollout (`answeredBefore`).
   */
  open(baseline: AnswerCounts, at: number, answeredBefore?: AnswerCounts): void
  /**
   * Takes the canary's counts since `open`, at any interval. Returns the reason for a rollback, or `undefined`.
   *
   * @param at milliseconds on the clock's `elapsed` scale
   */
  record(canary: AnswerCounts, at: number): string | undefined
}

/**
 * Creates a watch for the guardrails on unanswered requests; `undefined` if there is no such guardrail that rolls back.
 *
 * It acts on two successive windows of 15 s, or of the time for 50 decided requests if that is longer; see `bakeOn`.
 */
export function createBakeWatch(guardrails: readonly Guardrail[]): BakeWatch | undefined {
  const margin = bakeMargin(guardrails)
  if (margin === undefined) return undefined
  let window: BakeWindow | undefined
  let seenAt = 0

  return {
    open(baseline, at, answeredBefore) {
      window = firstBakeWindow(baseline, answeredBefore)
      seenAt = at
    },
    record(canary, at) {
      if (window === undefined) return undefined
      const [next, why] = bakeOn(window, canary, at - seenAt, margin)
      window = next
      seenAt = at
      return why
    },
  }
}
