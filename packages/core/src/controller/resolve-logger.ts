import { CanaryError } from '../foundation/errors.js'
import { withMethods } from '../foundation/with-methods.js'
import type { Logger } from '../runtime/log-events.js'

/** Returns a logger that has the methods it needs; `undefined` if nothing is to be logged. */
export function resolveLogger(logger: Logger | false | undefined): Logger | undefined {
  if (logger === undefined || logger === false) return undefined
  if (typeof logger !== 'function') return withMethods('logger', logger, ['info', 'warn', 'error'])
  throw new CanaryError('INVALID_OPTION', 'logger has the methods info, warn and error: pass console, not console.log')
}
