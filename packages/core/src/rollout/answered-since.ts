import { addAnswers, noAnswers } from '../summaries/answer-counts.js'
import { answerCountsOf } from '../summaries/summary.js'
import { type AnsweredSince, bakeMargin, bakeOn, firstBakeWindow } from './bake-window.js'
import type { Counts } from './counts.js'
import { phaseOf } from './state.js'
import type { StoredRollout } from './stored-rollout.js'

/** Returns the counts of answers with one more reading, and the reason for a rollback if there is one. */
export function answeredOn(
  stored: Pick<StoredRollout, 'state' | 'guardrails' | 'calibration' | 'openedAt' | 'answered'>,
  reading: Counts | undefined,
  sinceMs: number,
): readonly [answered: AnsweredSince, why?: string] {
  const { state, guardrails, calibration, openedAt, answered = { baseline: noAnswers, bake: null } } = stored
  const margin = bakeMargin(guardrails)
  if (margin === undefined || phaseOf(state) !== 'bake' || state.weight < 100) return [answered]
  const { baseline } = answered
  const first = { ...firstBakeWindow(baseline, calibration.answered), openedAt }
  const window = answered.bake?.openedAt === openedAt ? answered.bake : first
  const counts = reading === undefined ? window : answerCountsOf(reading.canary)
  const [next, ...why] = bakeOn(window, counts, sinceMs, margin, reading?.everyMs)
  return [{ baseline, bake: { ...next, openedAt } }, ...why]
}

/** Returns the counts of answers for the next stay of the epoch, with the baseline of the stay that ends. */
export function answeredBefore(
  answered: AnsweredSince | undefined,
  cumulative: StoredRollout['cumulative'],
): AnsweredSince | undefined {
  if (answered === undefined) return undefined
  const counted = cumulative === null ? noAnswers : answerCountsOf(cumulative.baseline)
  return { baseline: addAnswers(answered.baseline, counted), bake: null }
}
