import type { Variant } from '../foundation/vocabulary.js'
import type { Flight } from './flight.js'
import type { Models } from './models.js'

/** What a model gets as one more argument with `wrap(models, { context: true })`. */
export interface ModelContext<Version extends string = string> {
  /**
   * Aborted when the call has timed out, when the baseline answers in its place, and when the reader of its stream has
   * left; for the baseline that answers in the canary's place as well.
   */
  readonly signal: AbortSignal
  readonly variant: Variant
  readonly version: Version
}

/** The two models of a wrap with `context: true`: the last argument is the context. */
export interface ContextModels<Input extends unknown[], Baseline, Canary, Version extends string = string> {
  readonly baseline: (...input: [...Input, ModelContext<Version>]) => Baseline
  readonly canary: (...input: [...Input, ModelContext<Version>]) => Canary
}

/** Models as they are served. */
export interface ServedModels extends Models<unknown[], unknown, unknown> {
  /** Nobody waits any more for the baseline that answers in the canary's place. */
  stopped?(reason: unknown): void
}

/** The models of one call, each with a context of its own behind its input. */
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
      canary.abort(new Error('the baseline answers in the canary’s place'))
      return models.baseline.call(this, ...input, {
        signal: rescue.signal,
        variant: 'baseline',
        version: flight.answeredBy,
      })
    },
    stopped: (reason) => rescue.abort(reason),
  }
}

/** A controller that is aborted with a signal, and may be before. */
function follow(signal: AbortSignal): AbortController {
  const controller = new AbortController()
  signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true })
  return controller
}
