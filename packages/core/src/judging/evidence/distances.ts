import {
  hellinger,
  jensenShannon,
  populationStability,
  totalVariation,
} from '../../statistics/distribution-distance.js'
import { total } from '../../statistics/total.js'
import type { Distances } from '../judge.js'
import type { HypothesisState } from './hypothesis-state.js'

/** Returns the distances between the arms' predictions in this step, for display; `undefined` if an arm has none. */
export function distancesOf(hypotheses: readonly HypothesisState[]): Distances | undefined {
  if (hypotheses.length === 0) return undefined
  const [baseline, canary] = (['baseline', 'canary'] as const).map((variant) => {
    const counts = hypotheses.map(({ seen }) => seen[variant].sum)
    const all = hypotheses[0]!.seen[variant].count
    return [...counts, Math.max(0, all - total(counts))] // the rest is the class without a hypothesis of its own, if any
  }) as [number[], number[]]
  const distances = {
    totalVariation: totalVariation(baseline, canary),
    populationStability: populationStability(baseline, canary),
    jensenShannon: jensenShannon(baseline, canary),
    hellinger: hellinger(baseline, canary),
  }
  return Object.values(distances).includes(undefined) ? undefined : (distances as Distances)
}
