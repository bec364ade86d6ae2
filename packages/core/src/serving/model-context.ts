import type { Variant } from '../foundation/vocabulary.js'
import type { Deliver } from './delivery.js'
import type { Flight } from './flight.js'
import type { Models } from './models.js'

/** The extra argument of a model with `wrap(models, { context: true })`. */
export interface ModelContext<Version extends string = string> {
  /**
   * Aborted when the call times out, when the baseline answers in its place, and when the reader of its stream leaves.
   * This also applies to a baseline that answers in place of the canary.
   */
  readonly signal: AbortSignal
  /** The variant that was called. */
  readonly variant: Variant
  /** The version that was called. */
  readonly version: Version
}

/** The two models of a wrap with `context: true`: the last argument is the context. */
export interface ContextModels<Input extends unknown[], Baseline, Canary, Version extends string = string> {
  /** The version that serves today. */
  readonly baseline: (...input: [...Input, ModelContext<Version>]) => Baseline
  /** The new version. */
  readonly canary: (...input: [...Input, ModelContext<Version>]) => Canary
}

/** The models of a call. */
export interface ServedModels extends Models<unknown[], unknown, unknown> {
  /** Called when the answer of a baseline in place of the canary is no longer wanted. */
  stopped?(reason: unknown): void
  /** Sends the output of a successful call, if that is a part of the call. */
  deliver?: Deliver
  /** Returns why an output cannot be sent, which is a failure of the model; `undefined` if it can. */
  refusal?(output: unknown): Error | undefined
}

/** Returns the models of one call, each with its own context after its input. */
export function withContext<Input extends unknown[], Baseline, Canary>(
  flight: Flight,
  models: Models<Input, Baseline, Canary>,
): Models<Input, Baseline, Canary> {
  return contextual(flight, models as unknown as Models<unknown[], unknown, unknown>) as typeof models
}

function contextual(flight: Flight, models: Models<unknown[], unknown, unknown>): ServedModels {
  const { variant, version } = flight
  if (variant === 'baseline') {
    const context: ModelContext = { signal: flight.signal, variant, version }
    return {
      ...models,
      baseline(this: unknown, ...input) {
        return models.baseline.call(this, ...input, context)
      },
    }
  }
  const canary = follow(flight.signal)
  const rescue = new AbortController()
  return {
    canary(this: unknown, ...input) {
      return models.canary.call(this, ...input, { signal: canary.signal, variant, version })
    },
    baseline(this: unknown, ...input) {
      canary.abort(new Error('the baseline answers in place of the canary'))
      return models.baseline.call(this, ...input, {
        signal: rescue.signal,
        variant: 'baseline',
        version: flight.answeredBy,
      })
    },
    stopped: (reason) => rescue.abort(reason),
  }
}

/** Returns a controller that is aborted with the signal, but can also be aborted earlier. */
function follow(signal: AbortSignal): AbortController {
  const controller = new AbortController()
  signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true })
  return controller
}
