import { type CanaryError, isCanaryError } from '@model-canary/core'
import type { Drift } from '@model-canary/core/controller'
import type { KubeObject } from '../kube/kube.js'
import type { RouteTable } from '../routes/route-table.js'
import { latest, type Mark, markOf } from './mark.js'

/** The split that is in force, and what was applied last. */
export interface SplitReading {
  /** The canary's share that is in force, in percent; `null` if the route is missing, ambiguous or invalid. */
  readonly weight: number | null
  /** What a controller applied last; `undefined` if the object has no mark. */
  readonly mark: Mark | undefined
  /** Why `weight` is `null`; `undefined` otherwise. */
  readonly problem: CanaryError | undefined
}

/** Reads the split in force and the mark. Pure. A route that cannot be read is a `problem`, not an exception. */
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
 * Returns how the split differs from what was applied, or `null` if it does not.
 *
 * @param applied what this process applied last; used if the mark was removed or restored to an older one
 * @param lastKnown the share in the rollout's store, in percent; used if there is neither a mark nor `applied`
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
