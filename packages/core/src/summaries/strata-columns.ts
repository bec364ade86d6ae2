import { CLUSTER_LISTS } from './packed-clusters.js'
import { STRATUM_COUNT, type Strata, type StrataForm } from './strata.js'

/** Strata as lists of one number for each stratum; callers are left out. The form says what each list is. */
export interface StrataColumns {
  /** Whole numbers; the durations are in microseconds. The finished calls are the first list. */
  readonly counts: readonly (readonly number[])[]
  /** The sums of the scores, and of each metric. */
  readonly sums: readonly (readonly number[])[]
}

/** Returns how many lists strata of a form have. */
export const columnsIn = ({ classes, tailBins, scoreEdges, metrics }: StrataForm) => ({
  counts: CLUSTER_LISTS.length + classes.length + tailBins.length + 1 + classesOf(scoreEdges) + metrics.length,
  sums: 1 + metrics.length,
})

const classesOf = (scoreEdges: StrataForm['scoreEdges']): number => (scoreEdges ? scoreEdges.length + 1 : 0)

/** Returns strata as lists. */
export function columnsOf(strata: Strata): StrataColumns {
  const { latencyMs, predictions, beyond, score, scoreClasses = [], metrics } = strata
  const counted = CLUSTER_LISTS.map(({ name }) =>
    name === 'latencyMs' ? latencyMs.map((ms) => Math.round(ms * 1_000)) : strata[name],
  )
  const byName = [...predictions, ...beyond].map(([, list]) => list)
  const counts = [...counted, ...byName, score[0], ...scoreClasses, ...metrics.map(([, [list]]) => list)]
  return { counts, sums: [score[1], ...metrics.map(([, [, sums]]) => sums)] }
}

/** Returns the strata of lists that were counted by a form. There are no callers in them. */
export function strataOf({ counts, sums }: StrataColumns, form: StrataForm): Strata {
  let at = 0
  const next = (): readonly number[] => counts[at++]!
  const none: readonly number[] = new Array(STRATUM_COUNT).fill(0)
  const lists = Object.fromEntries(CLUSTER_LISTS.map(({ name }) => [name, next()])) as unknown as Strata
  return {
    ...lists,
    latencyMs: lists.latencyMs.map((us) => us / 1_000),
    form,
    predictions: form.classes.map((name) => [name, next()] as const),
    beyond: form.tailBins.map((bin) => [bin, next()] as const),
    score: [next(), sums[0]!],
    ...(form.scoreEdges && { scoreClasses: Array.from({ length: classesOf(form.scoreEdges) }, next) }),
    metrics: form.metrics.map((name, place) => [name, [next(), sums[1 + place]!]] as const),
    ...{ callers: none, rejected: none },
  }
}

/** Returns the sum of two strata of one form, or, with −1, their difference. */
export function plusColumns(a: StrataColumns, b: StrataColumns, sign: 1 | -1 = 1): StrataColumns {
  const plus = (lists: StrataColumns['counts'], more: StrataColumns['counts']) =>
    lists.map((list, row) => list.map((value, place) => value + sign * more[row]![place]!))
  return { counts: plus(a.counts, b.counts), sums: plus(a.sums, b.sums) }
}
