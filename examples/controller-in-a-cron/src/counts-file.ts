import { join } from 'node:path'
import type { MetricsSource } from '@model-canary/core/controller'
import { readSummary, type Summary } from '@model-canary/core/judge'
import { readJson } from './json-file.js'

/** What a service writes: both versions' counts since it applied this weight. */
export interface Counts {
  readonly epoch: number
  readonly weight: number
  readonly baseline: Summary
  readonly canary: Summary
}

/** Where a folder keeps the counts. */
export const countsPath = (folder: string): string => join(folder, 'counts.json')

/**
 * A metrics source over a JSON file.
 *
 * Counts of another weight do not belong to this step. Until the service has taken the new weight there is no data.
 */
export function countsFile(folder: string, weightOf: (step: number) => number | undefined): MetricsSource {
  return {
    async read({ epoch, step }) {
      const counts = (await readJson(countsPath(folder))) as Counts | undefined
      if (counts?.epoch !== epoch || counts.weight !== weightOf(step)) return 'no-data'
      return { baseline: readSummary(counts.baseline), canary: readSummary(counts.canary) }
    },
  }
}
