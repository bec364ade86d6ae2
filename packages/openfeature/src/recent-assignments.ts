import type { Assignment } from '@model-canary/core'

/** The part of an assignment that is needed to record a metric for it later, after the weight may have changed. */
export type Served = Pick<Assignment, 'variant' | 'reason' | 'epoch' | 'step' | 'bucket'>

/** The latest assignments, for a bounded number of users. */
export interface RecentAssignments {
  readonly size: number
  /** Stores a user's latest assignment. If the memory is full, the user who was assigned longest ago is removed. */
  remember(contextId: string, assignment: Served): void
  /** Returns a user's latest assignment; `undefined` if it is not stored. */
  find(contextId: string): Served | undefined
}

/** Creates a memory for at most `most` users. */
export function createRecentAssignments(most: number): RecentAssignments {
  const served = new Map<string, Served>() // a map iterates its keys in insertion order
  return {
    get size() {
      return served.size
    },
    remember(contextId, { variant, reason, epoch, step, bucket }) {
      if (most === 0) return
      served.delete(contextId)
      if (served.size === most) served.delete(served.keys().next().value!)
      served.set(contextId, { variant, reason, epoch, step, ...(bucket !== undefined && { bucket }) })
    },
    find: (contextId) => served.get(contextId),
  }
}
