import { type CanaryError, isCanaryError } from '@model-canary/core'
import type { Drift } from '@model-canary/core/controller'
import type { KubeObject } from '../kube/kube.js'
import type { RouteTable } from '../routes/route-table.js'
import { latest, type Mark, markOf } from './mark.js'

/** How an object splits now, and what was applied last. */
export interface SplitReading {
  /** The canary's share that is in force, in percent; `null` where the route is not as it should be. */
  readonly weight: number | null
  readonly mark: Mark | undefined
  /** Why there is no weight. */
  readonly problem: CanaryError | undefined
}

/** Reads the split in force and the mark. Pure, and never throws for a route that is wrong. */
export function readSplit(table: RouteTable, object: KubeObject): SplitReading {
  const mark = markOf(object)
  try {
    return { weight: table.weightIn(object), mark, problem: undefined }
  } catch (error) {
    if (!isCanaryError(error)) throw error
    return { weight: null, mark, problem: error }
  }
}

/**
 * What somebody else made of the split, or `null` if it is as it was applied.
 *
 * @param applied what this process applied last: it stands in for a mark that was taken away, or put back to an older one
 * @param lastKnown the share that the rollout's store knows of, in percent: it stands in where there is neither
 */
export function driftOf(
  where: string,
  { weight, mark, problem }: SplitReading,
  applied: Mark | undefined,
  lastKnown?: number,
): Drift | null {
  const expected = latest(mark, applied)?.weight ?? lastKnown
  if (expected === undefined || weight === expected) return null
  const found = problem === undefined ? `gives the canary ${weight} %` : `cannot be read (${problem.message})`
  return { weight, message: `${where} ${found}; ${expected} % was applied, and somebody else has changed it.` }
}
