import type { CanaryError } from '../foundation/errors.js'
import type { Variant } from '../foundation/vocabulary.js'
import type { Clock } from '../runtime/clock.js'
import type { FallbackBudget } from './fallback.js'
import type { LoopWatch } from './loop-watch.js'

/** The parts that serving needs in addition to the flight. */
export interface ServeParts {
  readonly clock: Clock
  readonly loop: LoopWatch
  readonly budget: FallbackBudget
  readonly baselineVersion: string
  readonly report: (error: CanaryError) => void
  /** Called at every call with an option that returned an invalid value, with its name and a message. */
  readonly alert: (option: string, message: string) => void
  /** Called with the errors of the models. */
  readonly noteError: (variant: Variant, error: unknown) => void
}
