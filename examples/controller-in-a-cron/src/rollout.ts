import { join } from 'node:path'
import { type Clock, errorRate, evidenceJudge, latency, linearPlan, unansweredRate } from '@model-canary/core'
import { type Controller, createController } from '@model-canary/core/controller'
import { folderStore } from '@model-canary/core/folder-store'
import { countsFile } from './counts-file.js'
import { weightsFile } from './weights-file.js'

/** How often cron runs. At most twice this time between two runs counts as time in a step. */
const INTERVAL_MS = 60_000

/** Where the state of the rollout is kept, unless another folder is given. */
export const storePath = (folder: string): string => join(folder, 'rollout')

/** The controller of this example: two ports over a folder, a store in a local folder, and a plan. */
export function rolloutController(folder: string, clock: Clock, stateFolder = storePath(folder)): Controller {
  const plan = linearPlan([10, 50, 100], { minDurationMs: 2 * INTERVAL_MS, minRequests: 200 })
  const holdbackPercent = 10 // while the last step bakes, the baseline keeps this share
  const weights = plan.steps.map(({ weight }) => Math.min(weight, 100 - holdbackPercent))
  return createController({
    name: 'sentiment',
    versions: { baseline: 'v1', canary: 'v2' },
    plan,
    guardrails: [errorRate({ margin: 0.02 }), unansweredRate({ margin: 0.02 }), latency({ marginMs: 50 })],
    // Here a window of the baseline is one look, a minute long. In production keep the default: 20 windows.
    judge: evidenceJudge({ minWindows: 2, thresholdWindows: 1 }),
    warmUp: { durationMs: 0 }, // the services warm their own models
    intervalMs: INTERVAL_MS,
    bake: { holdbackPercent },
    source: countsFile(folder, (step) => weights[step - 1]),
    target: weightsFile(folder),
    store: folderStore(stateFolder),
    clock,
  })
}
