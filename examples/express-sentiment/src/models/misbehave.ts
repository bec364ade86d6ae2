import type { Answer, Model } from './model.js'

/** Throws only for the texts that match. */
export function throwsOn(model: Model, fits: (text: string) => boolean, message: string): Model {
  return (text) => {
    if (fits(text)) throw new Error(message)
    return model(text)
  }
}

/** Waits before each answer. `delayMs` gets the number of earlier calls. */
export function delayed(model: Model, delayMs: (callsBefore: number) => number): Model {
  let calls = 0
  return async (text) => {
    const waitMs = delayMs(calls++)
    if (waitMs >= 1) await new Promise((resolve) => setTimeout(resolve, waitMs))
    return model(text)
  }
}

/** Works for a number of calls, and then becomes another model. */
export function breaksAfter(calls: number, healthy: Model, broken: Model): Model {
  let left = calls
  return (text) => {
    if (left === 0) return broken(text)
    left -= 1
    return healthy(text)
  }
}

/** Fails every call. */
export const crashed: Model = () => {
  throw new Error('the model has crashed')
}

/** Takes a call and never answers it. */
export const hanging: Model = () => new Promise<Answer>(() => {})
