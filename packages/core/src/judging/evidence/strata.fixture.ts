import { plainForm, STRATUM_COUNT, type Strata, type StrataForm } from '../../summaries/strata.js'

/** Returns one number for each stratum. */
export const eachStratum = (count: (stratum: number) => number): readonly number[] =>
  Array.from({ length: STRATUM_COUNT }, (_, stratum) => count(stratum))

/** Returns strata of as many answered calls each, of which as many fail as is said. */
export function strataOf(
  calls: number,
  errorsIn: (stratum: number) => number,
  form: StrataForm = plainForm,
  rest: Partial<Strata> = {},
): Strata {
  const all = eachStratum(() => calls)
  const none = eachStratum(() => 0)
  return {
    ...{ form, finished: all, answered: all, errors: eachStratum(errorsIn), timeouts: none, aborted: none },
    ...{ decided: all, unanswered: none, latencyMs: eachStratum(() => 100 * calls), predictions: [], predicted: none },
    ...{ callers: all, rejected: none, beyond: [], score: [none, none], metrics: [] },
    ...rest,
  }
}
