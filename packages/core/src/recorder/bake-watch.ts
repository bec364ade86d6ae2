import type { Guardrail } from '../guardrails/guardrail.js'
import { type BakeWindow, bakeMargin, bakeOn, firstBakeWindow } from '../rollout/bake-window.js'
import type { AnswerCounts } from '../summaries/answer-counts.js'

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

/**
 * Makes a watch for the guardrails on unanswered requests; `undefined` without one that rolls back.
 *
 * It acts on two successive windows of 15 s, or of the time that 50 decided requests take if that is longer; see `bakeOn`.
 */
export function createBakeWatch(guardrails: readonly Guardrail[]): BakeWatch | undefined {
  const margin = bakeMargin(guardrails)
  if (margin === undefined) return undefined
  let window: BakeWindow | undefined
  let seenAt = 0

  return {
    open(baseline, at, past) {
      window = firstBakeWindow(baseline, past)
      seenAt = at
    },
    observe(canary, at) {
      if (window === undefined) return undefined
      const [next, why] = bakeOn(window, canary, at - seenAt, margin)
      window = next
      seenAt = at
      return why
    },
  }
}
