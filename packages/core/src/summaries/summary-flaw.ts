import { isRecord, show } from '../foundation/options.js'

/** Outcomes that every summary has. Those that came later may be left out. */
const FIRST_OUTCOMES = ['success', 'error', 'timeout', 'aborted'] as const

const MOMENTS = ['latencyUs', 'score'] as const
const PAIRS = ['latencyBins', 'pendingBins', 'metrics'] as const

/**
 * Says what a value lacks to be a summary, such as `latencyUs must be …`; `undefined` if it has the shape of one.
 *
 * It is cheap enough for every reading of a source: it looks at the members, not at each bin. `readSummary` reads
 * untrusted JSON, and checks everything.
 */
export function flawOfSummary(name: string, value: unknown): string | undefined {
  if (!isRecord(value)) return flaw(name, 'a summary', value)
  const { begun, outcomes, predictions } = value
  if (!Number.isFinite(begun)) return flaw(`${name}.begun`, 'a number', begun)
  if (!isRecord(outcomes)) return flaw(`${name}.outcomes`, 'counts by outcome', outcomes)
  const outcome = FIRST_OUTCOMES.find((outcome) => !Number.isFinite(outcomes[outcome]))
  if (outcome !== undefined) return flaw(`${name}.outcomes.${outcome}`, 'a number', outcomes[outcome])
  const moments = MOMENTS.find((member) => !areMoments(value[member]))
  if (moments !== undefined) return flaw(`${name}.${moments}`, '{ count, sum, sumOfSquares }', value[moments])
  if (value.scoreBins !== undefined && !Array.isArray(value.scoreBins)) {
    return flaw(`${name}.scoreBins`, 'an array of pairs, or left out', value.scoreBins)
  }
  const pairs = PAIRS.find((member) => !Array.isArray(value[member]))
  if (pairs !== undefined) return flaw(`${name}.${pairs}`, 'an array of pairs', value[pairs])
  const arePredictions =
    isRecord(predictions) && Array.isArray(predictions.labels) && Number.isFinite(predictions.other)
  return arePredictions ? undefined : flaw(`${name}.predictions`, '{ labels, other }', predictions)
}

const flaw = (name: string, expected: string, value: unknown): string =>
  `${name} must be ${expected}, got ${show(value)}`

const areMoments = (value: unknown): boolean =>
  isRecord(value) && Number.isFinite(value.count) && Number.isFinite(value.sum) && Number.isFinite(value.sumOfSquares)
