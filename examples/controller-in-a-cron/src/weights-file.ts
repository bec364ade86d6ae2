import { join } from 'node:path'
import type { Target, TargetSplit } from '@model-canary/core/controller'
import { readJson, writeJson } from './json-file.js'

const weightsPath = (folder: string): string => join(folder, 'weights.json')

/** The split that the services are to follow; `undefined` before the first one. */
export async function readWeights(folder: string): Promise<TargetSplit | undefined> {
  return (await readJson(weightsPath(folder))) as TargetSplit | undefined
}

/** A target that writes the split into a JSON file. A write that comes late does not undo a newer one. */
export function weightsFile(folder: string): Target {
  return {
    async apply(split, signal) {
      const present = await readWeights(folder)
      signal.throwIfAborted()
      if (present === undefined || present.revision <= split.revision) await writeJson(weightsPath(folder), split)
    },
  }
}
