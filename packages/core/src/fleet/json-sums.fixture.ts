import type { Clusters } from '../summaries/clusters.js'
import { mergeCountsByPlace } from '../summaries/counts-by-place.js'
import { emptySummary, mergeSummaries, type Summary } from '../summaries/summary.js'
import type { KeyedSum, StepSum } from './fleet-counts.js'

/** Returns the report of a process that has begun this many calls of each arm. */
export const fastOf = (baseline: number, canary: number): string =>
  JSON.stringify({ baseline: { ...emptySummary(), begun: baseline }, canary: { ...emptySummary(), begun: canary } })

/** Creates a sum of reports that are JSON. Any other text is damaged. */
export function jsonSum(): StepSum {
  const nothing = () => ({ baseline: emptySummary(), canary: emptySummary() })
  let sum = nothing()
  return {
    add(text) {
      const counts = read(text) as { baseline: Summary; canary: Summary } | undefined
      if (counts === undefined) return false
      const { baseline, canary } = sum
      sum = { baseline: mergeSummaries(baseline, counts.baseline), canary: mergeSummaries(canary, counts.canary) }
      return true
    },
    clear() {
      sum = nothing()
    },
    counts: () => sum,
  }
}

/** The same for counts by key. */
export function jsonKeyedSum(): KeyedSum {
  let sum: Clusters | null = null
  return {
    add(text) {
      const clusters = read(text) as Clusters | undefined
      if (clusters === undefined) return false
      sum = sum === null ? clusters : mergeCountsByPlace(sum, clusters)
      return true
    },
    clear() {
      sum = null
    },
    clusters: () => sum,
  }
}

function read(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
