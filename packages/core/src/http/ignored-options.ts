import { CanaryError } from '../foundation/errors.js'

/** Returns the report that a middleware in front of a handler makes these options of the handler useless. */
export function ignoredOptions(handler: string, names: readonly string[], middleware: string): CanaryError {
  const [have, them] = names.length === 1 ? ['has', 'it'] : ['have', 'them']
  const cause = `because a ${middleware} of the same canary has read the request before`
  const detail = `${handler}: ${names.join(', ')} ${have} no effect, ${cause}: pass ${them} to ${middleware}`
  return new CanaryError('OPTION_IGNORED', detail)
}
