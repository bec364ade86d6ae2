import { createRouter, type Outcome, stickyStrategy, systemClock, type Variant } from '@model-canary/core'
import { createRecorder } from '@model-canary/core/judge'
import { type Counts, countsPath } from './counts-file.js'
import { writeJson } from './json-file.js'
import { readWeights } from './weights-file.js'

/** The service that uses the folder: it applies the weights and writes the counts. */
export interface Service {
  /** Applies the newest weight, serves one request for each key, and writes the counts. */
  serve(keys: readonly string[]): Promise<void>
}

/** Creates a service of two models that uses a router and a recorder without the rest of the library. */
export async function createService(
  folder: string,
  model: (variant: Variant, key: string) => Outcome,
): Promise<Service> {
  const strategy = await stickyStrategy({ salt: 'sentiment' })
  const router = createRouter({ versions: { baseline: 'v1', canary: 'v2' }, strategy })
  const recorder = createRecorder()

  const takeUpWeight = async (): Promise<void> => {
    const { weight, epoch } = (await readWeights(folder)) ?? { weight: 0, epoch: 0 }
    const before = router.split
    if (weight === before.weight && epoch === before.epoch) return
    const step = before.step + 1
    router.apply({ weight, epoch, step, active: weight > 0 })
    recorder.open({ epoch, step }, systemClock.elapsed())
  }

  const call = (key: string): void => {
    const assignment = router.assign({ key })
    const { variant } = assignment
    const startedAt = systemClock.elapsed()
    const outcome = model(variant, key)
    const at = systemClock.elapsed()
    recorder.record({ variant, at, durationMs: at - startedAt, outcome }, assignment)
  }

  return {
    async serve(keys) {
      await takeUpWeight()
      for (const key of keys) call(key)
      const { epoch, weight } = router.split
      const counts: Counts = { epoch, weight, ...recorder.read('step', systemClock.elapsed()) }
      await writeJson(countsPath(folder), counts)
    },
  }
}
