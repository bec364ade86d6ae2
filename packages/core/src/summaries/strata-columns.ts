import { CLUSTER_LISTS } from './packed-clusters.js'
import { STRATUM_COUNT, type Strata, type StrataForm } from './strata.js'

/**
 * Strata as lists of one number for each stratum; the form says what each list is. First come {@link countsIn} lists of
 * whole numbers, of which the finished calls are the first and durations are in microseconds. Then come the sums of the
 * scores and of each metric. Callers are left out.
 */
export type StrataColumns = readonly (readonly number[])[]

/** Returns how many lists of whole numbers strata of a form have. */
export const countsIn = ({ classes, tailBins, scoreEdges, metrics }: StrataForm): number =>
  CLUSTER_LISTS.length + classes.length + tailBins.length + 1 + classesOf(scoreEdges) + metrics.length

const classesOf = (scoreEdges: StrataForm['scoreEdges']): number => (scoreEdges ? scoreEdges.length + 1 : 0)

/** Returns strata as lists. */
export function columnsOf(strata: Strata): StrataColumns {
  const { latencyMs, predictions, beyond, score, scoreClasses = [], metrics } = strata
  const counted = CLUSTER_LISTS.map(({ name }) =>
    name === 'latencyMs' ? latencyMs.map((ms) => Math.round(ms * 1_000)) : strata[name],
  )
  const byName = [...predictions, ...beyond].map(([, list]) => list)
  const values = [score, ...metrics.map(([, each]) => each)]
  const [scores, ...others] = values.map(([counts]) => counts)
  return [...counted, ...byName, scores!, ...scoreClasses, ...others, ...values.map(([, sums]) => sums)]
}

/** Returns the strata of lists that were counted by a form. There are no callers in them. */
export function strataOf(columns: StrataColumns, form: StrataForm): Strata {
  let at = 0
  let sumAt = countsIn(form)
  const next = (): readonly number[] => columns[at++]!
  const nextValues = () => [next(), columns[sumAt++]!] as const
  const none: readonly number[] = new Array(STRATUM_COUNT).fill(0)
  const lists = Object.fromEntries(CLUSTER_LISTS.map(({ name }) => [name, next()])) as unknown as Strata
  return {
    ...lists,
    latencyMs: lists.latencyMs.map((us) => us / 1_000),
    form,
    predictions: form.classes.map((name) => [name, next()] as const),
    beyond: form.tailBins.map((bin) => [bin, next()] as const),
    score: nextValues(),
    ...(form.scoreEdges && { scoreClasses: Array.from({ length: classesOf(form.scoreEdges) }, next) }),
    metrics: form.metrics.map((name) => [name, nextValues()] as const),
    ...{ callers: none, rejected: none },
  }
}

/** Returns the sum of two strata of one form, or, with −1, their difference. */
export const plusColumns = (a: StrataColumns, b: StrataColumns, sign: 1 | -1 = 1): StrataColumns =>
  a.map((list, row) => list.map((value, place) => value + sign * b[row]![place]!))
