import { show } from '../foundation/options.js'
import { LOSS_ALTERNATIVES } from '../statistics/alternatives.js'
import { predictionCount } from '../summaries/summary.js'
import { type Classes, type Hypothesis, idOf } from './hypothesis.js'

/**
 * A class below this share is small. Its noise is not estimated: its few predictions in a window vary so much that the
 * largest estimate of many such classes is two to four by chance.
 */
const SMALL_SHARE = 0.02

/** The weight of all small classes together among the classes. */
const SMALL_PART = 0.4

/** The weight of the loss of a rare class in the evidence on it. A rise by the margin is soon found. */
const LOSS_PART = 0.75

/** A class and its share in the baseline's history. */
export interface ClassShare {
  readonly label: string
  readonly share: number
}

const isSmall = ({ share }: Pick<ClassShare, 'share'>): boolean => share < SMALL_SHARE

/** Returns the part of a class among all. The small ones have `SMALL_PART` together, if there are others. */
export function partOf(one: ClassShare, all: readonly ClassShare[]): number {
  const alike = all.filter((other) => isSmall(other) === isSmall(one)).length
  if (alike === all.length) return 1 / alike
  return (isSmall(one) ? SMALL_PART : 1 - SMALL_PART) / alike
}

/** Returns whose noise a class of this share has, as a part of its hypothesis. */
export const noiseAt = (share: number): Pick<Hypothesis, 'noise'> => (isSmall({ share }) ? { noise: 'shared' } : {})

/** Returns the class that stands for both: one that could vanish without moving by the margin, or the first by name. */
export const onlyOneOf = (two: readonly ClassShare[], margin: number): ClassShare =>
  two.find(({ share }) => share < margin) ?? two.toSorted((a, b) => (a.label < b.label ? -1 : 1))[0]!

/**
 * Returns what is tested of a class that is rarer than the margin: that it does not rise by the margin, and does not
 * lose half of its share.
 *
 * No proof is needed that it keeps its share: that would take tens of thousands of predictions.
 */
export function riseAndLoss(moves: Hypothesis, id: string, share: number): readonly Hypothesis[] {
  const loss: Hypothesis = {
    ...moves,
    id,
    sides: ['fall'],
    margin: share / 2,
    priorShare: share,
    alternatives: LOSS_ALTERNATIVES,
    part: LOSS_PART * moves.part,
    isHarmOnly: true,
    noise: 'shared',
    marginNote: 'of so rare a class: half of its share',
  }
  return [{ ...moves, sides: ['rise'], part: (1 - LOSS_PART) * moves.part }, loss]
}

/** Returns the listed classes, and all others as one. */
export const classesOf = (name: string, labels: readonly string[]): Classes => ({
  subject: 'predictions',
  names: [...labels.map((label) => show(label)), 'all other classes'],
  ids: [...labels.map((label) => idOf(name, 'class', label)), idOf(name, 'others')],
  countsOf({ predictions }) {
    const known = new Map(predictions.labels)
    const counts = labels.map((label) => known.get(label) ?? 0)
    return [...counts, counts.reduce((rest, count) => rest - count, predictionCount(predictions))]
  },
})
