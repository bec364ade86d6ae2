import type { Assignment } from '@model-canary/core'

/** Enough of an assignment to book a metric on what served, whatever the weight is by then. */
export type Served = Pick<Assignment, 'variant' | 'reason' | 'epoch' | 'step'>

/** What the latest users were told, for a bounded number of them. */
export interface RecentAssignments {
  readonly size: number
  /** Remembers a user's latest assignment, and forgets whoever was assigned longest ago. */
  remember(contextId: string, assignment: Served): void
  find(contextId: string): Served | undefined
}

/** Makes a memory of at most this many users. */
export function createRecentAssignments(most: number): RecentAssignments {
  const served = new Map<string, Served>() // a map lists its keys in the order in which they were set
  return {
    get size() {
      return served.size
    },
    remember(contextId, { variant, reason, epoch, step }) {
      if (most === 0) return
      served.delete(contextId)
      if (served.size === most) served.delete(served.keys().next().value!)
      served.set(contextId, { variant, reason, epoch, step })
    },
    find: (contextId) => served.get(contextId),
  }
}
