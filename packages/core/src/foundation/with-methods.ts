import { CanaryError } from './errors.js'
import { optionalFunction, show } from './options.js'

/** Returns an object that has the required methods. A function has an `apply`, but is not a target. */
export function withMethods<Port extends object>(
  name: string,
  port: Port,
  methods: readonly (keyof Port & string)[],
): Port {
  const wanted = `${name} must be an object with ${methods.join(', ')}`
  if (typeof port !== 'object' || port === null) {
    throw new CanaryError('INVALID_OPTION', `${wanted}, got ${show(port)}`)
  }
  for (const method of methods) {
    if (port[method] === undefined) throw new CanaryError('INVALID_OPTION', `${wanted}; ${method} is missing`)
    optionalFunction(`${name}.${method}`, port[method])
  }
  return port
}
