import type { Canary } from '@model-canary/core'

/** The counts of a canary without zeros: `{ 'v2 success': 1, 'v1 in flight': 1 }`. */
export type Counts = Readonly<Record<string, number>>

/** Reads the counts of both versions, including calls in progress. */
export function countsOf(canary: Canary): Counts {
  const counts: Record<string, number> = {}
  for (const [version, metrics] of Object.entries(canary.metrics())) {
    const { successCount, errorCount, timeoutCount, abortedCount, rejectedCount, ignoredCount, inFlight } = metrics
    const failed = { error: errorCount, timeout: timeoutCount, aborted: abortedCount }
    const named = { success: successCount, ...failed, rejected: rejectedCount, ignored: ignoredCount }
    for (const [outcome, count] of Object.entries({ ...named, 'in flight': inFlight })) {
      if (count > 0) counts[`${version} ${outcome}`] = count
    }
  }
  return counts
}
