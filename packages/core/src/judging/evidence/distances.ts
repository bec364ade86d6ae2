import {
  hellinger,
  jensenShannon,
  populationStability,
  totalVariation,
} from '../../statistics/distribution-distance.js'
import type { Distances } from '../judge.js'
import type { Thread } from './thread.js'

/** How far the predictions of this step lie apart: sizes of an effect, by which nothing is decided. */
export function distancesOf(threads: readonly Thread[]): Distances | undefined {
  if (threads.length === 0) return undefined
  const [baseline, canary] = (['baseline', 'canary'] as const).map((variant) => {
    const counts = threads.map(({ seen }) => seen[variant].sum)
    const all = threads[0]!.seen[variant].count
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
