import { refuseUnknown } from '../foundation/options.js'
import type { Deliver } from './delivery.js'
import type { ServedModels } from './model-context.js'
import { checkModels, isInstance, type Models, type Servable, type ServingOptions } from './models.js'

/** The original object of each ready pair of models: their `this`. */
const HOLDERS = new WeakMap<object, object>()

/**
 * Joins checked models and their checked options into one frozen object, which `run` does not check again.
 * If the models are already ready, their options are kept unless `options` replaces them.
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

/**
 * Returns ready models for one call, whose output `deliver` sends as a part of the call, if `refusal` returns nothing
 * that speaks against it.
 */
export function modelsOfOneCall<Ready extends object>(
  ready: Ready,
  deliver: Deliver,
  refusal: ServedModels['refusal'],
): Ready {
  const models: Ready = Object.create(ready, { deliver: { value: deliver }, refusal: { value: refusal } })
  HOLDERS.set(models, holderOf(ready))
  return models
}

/**
 * Throws for models that are not functions, and for other members of a literal. Models from `readyModels` are not
 * checked again.
 */
export function checkPair(where: string, models: Models<never, unknown, unknown>): void {
  if (isReady(models)) return
  if (!isInstance(models)) refuseUnknown(`${where}: models`, models, { baseline: 1, canary: 1 })
  checkModels(where, models)
}

/** Returns whether these models were returned by `readyModels`. */
export const isReady = (models: unknown): boolean => HOLDERS.has(models as object)

/** Returns the object that models are called on: the one in which they were given. */
export const holderOf = (models: object): object => HOLDERS.get(models) ?? models
