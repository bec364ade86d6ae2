import {
  hellinger,
  jensenShannon,
  populationStability,
  totalVariation,
} from '../../statistics/distribution-distance.js'
import type { Distances } from '../judge.js'
import type { HypothesisState } from './hypothesis-state.js'

/** How far the predictions of this step lie apart: sizes of an effect, by which nothing is decided. */
export function distancesOf(hypotheses: readonly HypothesisState[]): Distances | undefined {
  if (hypotheses.length === 0) return undefined
  const [baseline, canary] = (['baseline', 'canary'] as const).map((variant) => {
    const counts = hypotheses.map(({ seen }) => seen[variant].sum)
    const all = hypotheses[0]!.seen[variant].count
    return [...counts, Math.max(0, all - counts.reduce((sum, count) => sum + count, 0))] // of two classes one is asked about
  }) as [number[], number[]]
  const distances = {
    totalVariation: totalVariation(baseline, canary),
    populationStability: populationStability(baseline, canary),
    jensenShannon: jensenShannon(baseline, canary),
    hellinger: hellinger(baseline, canary),
  }
  return Object.values(distances).includes(undefined) ? undefined : (distances as Distances)
}
