import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptySummary } from '@model-canary/core/judge'
import { type ServedCalls, type SourcePlace, sourceContract } from '@model-canary/testing'
import { it } from 'vitest'
import { type Counts, countsFile, countsPath } from '../src/counts-file.js'
import { writeJson } from '../src/json-file.js'

const WEIGHT = 10

/** Calls on top of what a summary has. */
function add(summary: Counts['baseline'], { success, error }: ServedCalls): Counts['baseline'] {
  const { begun, outcomes } = summary
  return {
    ...summary,
    begun: begun + success + error,
    outcomes: { ...outcomes, success: outcomes.success + success, error: outcomes.error + error },
  }
}

/** A folder with the counts of a service that has taken up the weight. */
async function folderPlace(): Promise<SourcePlace> {
  const folder = await mkdtemp(join(tmpdir(), 'canary-counts-'))
  let counts: Counts = { epoch: 0, weight: WEIGHT, baseline: emptySummary(), canary: emptySummary() }
  return {
    open: () => countsFile(folder, () => WEIGHT),
    nextWindow() {
      counts = { epoch: counts.epoch + 1, weight: WEIGHT, baseline: emptySummary(), canary: emptySummary() }
      return { epoch: counts.epoch, step: 1, visit: 1, openedAt: 0 }
    },
    async serve(calls) {
      const { baseline, canary } = counts
      counts = { ...counts, baseline: add(baseline, calls.baseline), canary: add(canary, calls.canary) }
      await writeJson(countsPath(folder), counts)
    },
    breakDown: () => writeFile(countsPath(folder), '{'),
    close: () => rm(folder, { recursive: true }),
  }
}

const register = Object.assign((name: string, body: () => Promise<void>) => it(name, body), { skip: () => {} })

sourceContract({ it: register }, 'countsFile', folderPlace, {
  skip: [{ test: 'ends a read whose signal is aborted', reason: 'a file answers at once' }],
})
