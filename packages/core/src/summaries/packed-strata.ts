import { isRecord } from '../foundation/options.js'
import { isStrata, STRATUM_COUNT, type Strata } from './strata.js'

/** Stored numbers have this many digits: their error is far below that by chance. */
const DIGITS = 5

/** Stands for a list of zeros. */
const ZEROS = 0

/** Stands for the list of the finished calls. */
const AS_FINISHED = 1

type Values<List> = readonly [counts: List, sums: List]
type Pairs<Key, Content> = readonly (readonly [Key, Content])[]

/** The members of strata, whose lists are of another kind. */
interface Listed<List> {
  readonly counts: Readonly<Record<string, List>>
  readonly predictions: Pairs<unknown, List>
  readonly beyond: Pairs<unknown, List>
  readonly score: Values<List>
  readonly scoreClasses?: readonly List[] | undefined
  readonly metrics: Pairs<unknown, Values<List>>
}

/** Returns strata as shorter JSON: with numbers of five digits, and without the lists that repeat another one. */
export function packStrata(strata: Strata): unknown {
  const { form, predictions, beyond, score, scoreClasses, metrics, finished, ...counts } = strata
  const rounded = (list: readonly number[]) => list.map((value) => Number(value.toPrecision(DIGITS)))
  const packed = (list: readonly number[]): unknown => {
    if (list.every((value) => value === 0)) return ZEROS
    return list.every((value, at) => value === finished[at]) ? AS_FINISHED : rounded(list)
  }
  const lists = mapLists({ counts, predictions, beyond, score, scoreClasses, metrics }, packed)
  return { form, ...lists, counts: { ...lists.counts, finished: rounded(finished) } }
}

/** Returns the strata of packed ones, with what was rounded; `undefined` if they cannot be read. */
export function unpackStrata(packed: unknown): Strata | undefined {
  try {
    if (!isRecord(packed)) return undefined
    const { finished } = packed.counts as Listed<unknown>['counts']
    const unpacked = (list: unknown): unknown => {
      if (list === ZEROS) return new Array(STRATUM_COUNT).fill(0)
      return list === AS_FINISHED ? finished : list
    }
    const { counts, ...others } = mapLists(packed as unknown as Listed<unknown>, unpacked)
    const strata = { form: packed.form, ...(counts as object), ...others }
    return isStrata(strata) && isConsistent(strata) ? strata : undefined
  } catch {
    return undefined
  }
}

/** Returns whether no stratum has more hits than trials, which would be a share above 1. */
function isConsistent(strata: Strata): boolean {
  const { finished, answered, errors, timeouts, aborted, decided, unanswered, predicted, callers, rejected } = strata
  const areWithin = (hits: readonly number[], trials: readonly number[]) => hits.every((hit, at) => hit <= trials[at]!)
  return (
    [answered, errors, timeouts, aborted, predicted].every((hits) => areWithin(hits, finished)) &&
    areWithin(unanswered, decided) &&
    areWithin(rejected, callers) &&
    strata.predictions.every(([, hits]) => areWithin(hits, predicted)) &&
    strata.beyond.every(([, hits]) => areWithin(hits, answered)) &&
    (strata.scoreClasses ?? []).every((hits) => areWithin(hits, strata.score[0]))
  )
}

function mapLists<From, To>(
  { counts, predictions, beyond, score, scoreClasses, metrics }: Listed<From>,
  each: (list: From) => To,
): Listed<To> {
  const pairs = (list: Pairs<unknown, From>) => list.map(([key, content]) => [key, each(content)] as const)
  const values = ([first, second]: Values<From>) => [each(first), each(second)] as const
  return {
    counts: Object.fromEntries(Object.entries(counts).map(([name, list]) => [name, each(list)])),
    predictions: pairs(predictions),
    beyond: pairs(beyond),
    score: values(score),
    ...(scoreClasses && { scoreClasses: scoreClasses.map(each) }),
    metrics: metrics.map(([name, content]) => [name, values(content)] as const),
  }
}
