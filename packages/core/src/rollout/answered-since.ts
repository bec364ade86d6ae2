import { addAnswers, noAnswers } from '../summaries/answer-counts.js'
import { answerCountsOf } from '../summaries/summary.js'
import { type AnsweredSince, bakeMargin, bakeOn, firstBakeWindow } from './bake-window.js'
import type { Counts } from './counts.js'
import { phaseOf } from './state.js'
import type { StoredRollout } from './store.js'

/** The same with one more reading of a source, and why that asks for a rollback. */
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

/** The same as the next stay of the same epoch begins, once this one's baseline has been counted. */
export function answeredBefore(
  answered: AnsweredSince | undefined,
  cumulative: StoredRollout['cumulative'],
): AnsweredSince | undefined {
  if (answered === undefined) return undefined
  const counted = cumulative === null ? noAnswers : answerCountsOf(cumulative.baseline)
  return { baseline: addAnswers(answered.baseline, counted), bake: null }
}
