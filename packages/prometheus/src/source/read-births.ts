import type { AnsweredQuery } from './answered-query.js'
import type { ArmProgress } from './arm-progress.js'
import { type Births, birthQueries, birthsIn, isUnanswerable, strangers } from './births.js'
import type { PlannedQuery } from './plan.js'
import { type ReadArmOptions, type ReadRange, rangeOf } from './read-arm.js'

/** The series of an arm, and how to query the start times of those that appeared. */
export interface BirthsWanted {
  readonly arm: ArmProgress
  readonly answers: readonly AnsweredQuery[]
  readonly plan: readonly PlannedQuery[]
  readonly startTimes: string | undefined
  readonly zeroAt: number
  readonly known: Births
}

/** Queries the start times of series that appeared. Sends no query if there are none. */
export async function readBirths(
  { arm, answers, plan, startTimes, zeroAt, known }: BirthsWanted,
  range: ReadRange,
  { ask, headers, signal }: ReadArmOptions,
): Promise<Births> {
  const unknown = strangers(arm, answers, zeroAt, known)
  let births = known
  if (unknown.length === 0) return births
  for (const query of birthQueries(unknown, plan, startTimes)) {
    const text = rangeOf({ text: query.text, resolutionMs: null }, range)
    try {
      births = birthsIn(query, await ask(text, range.toAt, headers, signal), unknown, births)
    } catch (error) {
      if (!isUnanswerable(error)) throw error
    }
  }
  return births
}
