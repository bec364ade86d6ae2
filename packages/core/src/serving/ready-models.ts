import { refuseUnknown } from '../foundation/options.js'
import { checkModels, type Models, type Servable, type ServingOptions } from './models.js'

/** What each ready pair of models came in: the object that they are called on. */
const HOLDERS = new WeakMap<object, object>()

/**
 * Joins checked models and their checked options into one frozen object, which `run` need not check again.
 * Options that come with models that are ready already are kept where `options` does not name them.
 */
export function readyModels<Input extends unknown[], Baseline, CanaryOutput>(
  models: Models<Input, Baseline, CanaryOutput>,
  options: ServingOptions<Input, Awaited<Baseline> | Awaited<CanaryOutput>>,
): Servable<Input, Baseline, CanaryOutput> {
  const { baseline, canary } = models
  const ready = Object.freeze({ ...(isReady(models) && models), ...options, baseline, canary })
  HOLDERS.set(ready, holderOf(models))
  return ready
}

/** Refuses models that cannot be called, and anything beside them; ready ones have been checked. */
export function checkPair(where: string, models: Models<never, unknown, unknown>): void {
  if (isReady(models)) return
  refuseUnknown(`${where}: models`, models, { baseline: 1, canary: 1 })
  checkModels(where, models)
}

/** Whether these are models that `readyModels` returned. */
export const isReady = (models: unknown): boolean => HOLDERS.has(models as object)

/** The object that models are called on: the one that they came in. */
export const holderOf = (models: object): object => HOLDERS.get(models) ?? models
