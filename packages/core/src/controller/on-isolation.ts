import { type Defaults, numberWithin, oneOf, refuseUnknown } from '../foundation/options.js'
import { refuseNonObject } from '../foundation/right-form.js'

/** What a process does that cannot reach the shared store, and so hears of no rollback in another process. */
export interface OnIsolation {
  /** For how long the store must not have answered, in milliseconds. @default 300_000 */
  readonly afterMs: number
  /**
   * `keep`: the process keeps its share, and rolls back by its own requests. `baseline`: it also serves no canary until
   * the store answers.
   * @default 'keep'
   */
  readonly action: 'keep' | 'baseline'
}

/** What an option is if it is not given. */
const ON_ISOLATION_DEFAULTS = { afterMs: 300_000, action: 'keep' } as const satisfies Defaults<OnIsolation>

/** Returns the options, checked and complete. Throws a `CanaryError` for the first one that cannot be used. */
export function resolveOnIsolation(given: Partial<OnIsolation> = ON_ISOLATION_DEFAULTS): OnIsolation {
  refuseNonObject('onIsolation', given, "onIsolation: { action: 'baseline' }")
  refuseUnknown('onIsolation', given, { afterMs: 1, action: 1 })
  const { afterMs = ON_ISOLATION_DEFAULTS.afterMs, action = ON_ISOLATION_DEFAULTS.action } = given
  return {
    afterMs: numberWithin('onIsolation.afterMs', afterMs, 1, Number.MAX_VALUE),
    action: oneOf('onIsolation.action', action, ['keep', 'baseline']),
  }
}
