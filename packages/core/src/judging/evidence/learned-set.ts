import type { ByVariant } from '../../foundation/vocabulary.js'
import type { Classes, Hypothesis } from '../../guardrails/hypothesis.js'
import type { Moments } from '../../statistics/moments.js'
import { total } from '../../statistics/total.js'
import { addLists } from '../../summaries/counts-by-place.js'
import type { Summary } from '../../summaries/summary.js'
import { alikeUsers, type UserDifference } from './user-offsets.js'

/** The set of classes that a hypothesis compares, and the counts by class that it was chosen from. Plain JSON. */
export interface LearnedSet {
  /**
   * The classes that the open block is about, by place, the largest rise first; empty while too little is known. They
   * follow from closed blocks alone.
   */
  readonly chosen: readonly number[]
  /** Each arm's predictions so far by class, as at most 4,000 of each arm. */
  readonly known: ByVariant<readonly number[]>
  /**
   * How the users of the two arms differ in each class, `null` where it is not known; `null` if requests are split and
   * not users. A class of which it is not known is not chosen: one heavy user with predictions of his own may be most
   * of a small arm.
   */
  readonly users: readonly (UserDifference | null)[] | null
  /** Each arm's predictions in this step by class, for display. */
  readonly seen: ByVariant<readonly number[]>
}

/** The members of a hypothesis's state that belong to a learned set, and those that follow from it. */
interface Learning {
  readonly learned?: LearnedSet | undefined
  readonly memory: Moments
  readonly seen: ByVariant<Moments>
  readonly users: UserDifference | null
}

/** A set is not chosen from fewer predictions of the canary. */
const FEWEST = 30

/** The largest number of predictions of one arm that a set is chosen from. Older ones count less. */
const MOST = 4_000

/** The number of predictions, spread evenly over the classes, that the expected shares start with. */
const PRIOR_PREDICTIONS = 20

/** The number of classes that the name of a set lists. */
const MOST_NAMES = 3

/** Returns a set that is not chosen yet, with what the baseline's history says of the classes. */
export function startLearning({ names }: Classes, history: readonly number[] | undefined): LearnedSet {
  const none = names.map(() => 0)
  return {
    chosen: [],
    known: { baseline: scaled(history ?? none), canary: none },
    users: null,
    seen: { baseline: none, canary: none },
  }
}

/** Returns a hypothesis as its state sees it: one about a learned set compares the set that was chosen last. */
export function asOf(hypothesis: Hypothesis, { learned }: Pick<Learning, 'learned'>): Hypothesis {
  const { classes } = hypothesis
  if (classes === undefined || learned === undefined) return hypothesis
  const { chosen } = learned
  const statistic = {
    name: nameOf(classes, chosen),
    unit: 'share' as const,
    momentsOf: (summary: Summary) => momentsOf(classes.countsOf(summary), chosen),
  }
  return { ...hypothesis, statistic, priorShare: chosen.length / classes.names.length }
}

/** Returns the state with the counts by class of what arrived; unchanged if nothing is learned. */
export function counted<State extends Learning>(
  { classes }: Hypothesis,
  state: State,
  arms: ByVariant<Summary>,
): State {
  const { learned } = state
  if (classes === undefined || learned === undefined) return state
  const came = { baseline: classes.countsOf(arms.baseline), canary: classes.countsOf(arms.canary) }
  const plus = (counts: ByVariant<readonly number[]>) => ({
    baseline: addLists(counts.baseline, came.baseline),
    canary: addLists(counts.canary, came.canary),
  })
  return { ...state, learned: { ...learned, known: plus(learned.known), seen: plus(learned.seen) } }
}

/**
 * Returns the state with a set for the next block, chosen from all blocks so far: the classes that are more frequent in
 * the canary. Unchanged if nothing is learned.
 *
 * A total variation of at most δ means P_c(A) − P_b(A) ≤ δ for every set A of classes. So A may be any set that does not
 * depend on the block it is tested on. The memory becomes that of the set.
 */
export function learn<State extends Learning>(state: State): State {
  const { learned } = state
  if (learned === undefined) return state
  const known = { baseline: scaled(learned.known.baseline), canary: scaled(learned.known.canary) }
  const chosen = choose(known).filter((place) => learned.users === null || learned.users[place] !== null)
  return {
    ...state,
    learned: { ...learned, known, chosen },
    memory: momentsOf(known.baseline, chosen),
    users: usersOf(learned, chosen),
    seen: {
      baseline: momentsOf(learned.seen.baseline, chosen),
      canary: momentsOf(learned.seen.canary, chosen),
    },
  }
}

/**
 * Returns the state with the difference of the users in each class; unchanged if nothing is learned.
 *
 * A set is chosen where the canary rose, and so it collects the errors of the offsets: the slack of a set is the plain
 * sum of its classes' slacks.
 */
export function withClassUsers<State extends Learning>(
  state: State,
  differences: readonly (UserDifference | null)[] | null,
): State {
  if (state.learned === undefined) return state
  const chosen = state.learned.chosen.filter((place) => differences === null || differences[place] !== null)
  const learned = { ...state.learned, chosen, users: differences }
  return { ...state, learned, memory: momentsOf(learned.known.baseline, chosen), users: usersOf(learned, chosen) }
}

function usersOf({ users }: Pick<LearnedSet, 'users'>, chosen: readonly number[]): UserDifference | null {
  if (users === null) return null
  const known = chosen.map((place) => users[place] ?? alikeUsers)
  const sumOf = (part: keyof UserDifference) => known.reduce((sum, difference) => sum + difference[part], 0)
  return { offset: sumOf('offset'), harmSlack: sumOf('harmSlack'), safetySlack: sumOf('safetySlack') }
}

/** Returns the set without the counts of a step that is over. */
export function withoutSeen(learned: LearnedSet): LearnedSet {
  const none = learned.seen.baseline.map(() => 0)
  return { ...learned, seen: { baseline: none, canary: none } }
}

/** Returns the classes k with (C_k + p_k)/(n + 1) > p_k, where p is the baseline's expected share. */
function choose({ baseline, canary }: ByVariant<readonly number[]>): readonly number[] {
  const predictions = total(canary)
  if (predictions < FEWEST) return []
  const all = total(baseline) + PRIOR_PREDICTIONS
  const rises = canary.map((count, place) => {
    const share = (baseline[place]! + PRIOR_PREDICTIONS / canary.length) / all
    return { place, rise: (count + share) / (predictions + 1) - share }
  })
  return rises
    .filter(({ rise }) => rise > 0)
    .toSorted((a, b) => b.rise - a.rise)
    .map(({ place }) => place)
}

function nameOf({ subject, names }: Classes, chosen: readonly number[]): string {
  if (chosen.length === 0) return `share of ${subject} together`
  const listed = chosen.slice(0, MOST_NAMES).map((place) => names[place]!)
  const others = chosen.length - listed.length
  const all = others > 0 ? [...listed, `${others} more`] : listed
  const last = all.pop()!
  return `share of ${all.length > 0 ? `${all.join(', ')} and ${last}, taken together` : last}`
}

function momentsOf(counts: readonly number[], chosen: readonly number[]): Moments {
  const sum = chosen.reduce((sum, place) => sum + counts[place]!, 0)
  return { count: total(counts), sum, sumOfSquares: sum }
}

/** Returns the counts, reduced to `MOST` if there are more, and then to three decimals. */
function scaled(counts: readonly number[]): readonly number[] {
  const all = total(counts)
  return all <= MOST ? counts : counts.map((count) => Math.round((count * MOST * 1_000) / all) / 1_000)
}
