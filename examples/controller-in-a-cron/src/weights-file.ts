import { join } from 'node:path'
import type { Target, TargetSplit } from '@model-canary/core/controller'
import { readJson, writeJson } from './json-file.js'

const weightsPath = (folder: string): string => join(folder, 'weights.json')

/** The split for the services to apply; `undefined` before the first one. */
export async function readWeights(folder: string): Promise<TargetSplit | undefined> {
  return (await readJson(weightsPath(folder))) as TargetSplit | undefined
}

/**
 * A target that writes the split into a JSON file.
 *
 * A split of an older epoch is rejected, and so is a higher weight that is older than the file's, or that comes from a
 * leader before the one that has written the file. A lower weight is always written.
 */
export function weightsFile(folder: string): Target {
  return {
    async apply(split, signal) {
      const present = await readWeights(folder)
      signal.throwIfAborted()
      if (present !== undefined && isLate(split, present)) {
        throw new Error(`the split of revision ${split.revision} is late: ${present.weight} % was written after it`)
      }
      const fence = Math.max(split.fence ?? 0, present?.fence ?? 0)
      await writeJson(weightsPath(folder), { ...split, fence })
    },
  }
}

function isLate(split: TargetSplit, present: TargetSplit): boolean {
  if (split.epoch !== present.epoch) return split.epoch < present.epoch
  if (split.isReduction === true) return false
  const [own, highest] = [split.fence ?? 0, present.fence ?? 0]
  return own === highest ? split.revision < present.revision : own < highest
}
