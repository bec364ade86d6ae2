import type { Canary } from '../canary/canary.js'
import { CanaryError } from '../foundation/errors.js'
import { type Defaults, optionalFunction, refuseUnknown, show } from '../foundation/options.js'
import type { RoutingKey } from '../routing/key.js'
import type { RoutingInput } from '../routing/strategy.js'

/** The options of the middleware of every framework; `Request` is the framework's type. */
export interface CanaryMiddlewareOptions<Request> {
  /** Returns the key of a request, such as a user's id. The strategy decides how a request without one is routed. */
  readonly key?: (request: Request) => RoutingKey
  /** Returns other data that a custom strategy uses. */
  readonly attributes?: (request: Request) => Readonly<Record<string, unknown>> | undefined
  /** The response header that names the version that answered; `true` is `x-model-version`. @default false */
  readonly versionHeader?: boolean | string
}

/** What an option is if it is not given. */
const MIDDLEWARE_DEFAULTS = { versionHeader: false } as const satisfies Defaults<CanaryMiddlewareOptions<never>>

/** Checked options: how to read a request, and the header to write. */
export interface ResolvedMiddleware<Request> {
  /** Reads the key and the attributes of a request. */
  readonly routingOf: (request: Request) => RoutingInput
  /** The response header that names the version; `false` for none. */
  readonly versionHeader: string | false
}

/** Returns the options of a middleware, checked and complete. Throws a `CanaryError` if they cannot be used. */
export function resolveMiddleware<Request>(
  where: string,
  canary: Canary<string>,
  options: CanaryMiddlewareOptions<Request> = {},
): ResolvedMiddleware<Request> {
  refuseNoCanary(where, canary, ['begin', 'status'])
  refuseUnknown(where, options, { key: 1, attributes: 1, versionHeader: 1 })
  const key = optionalFunction(`${where}: key`, options.key)
  const attributes = optionalFunction(`${where}: attributes`, options.attributes)
  const { versionHeader = MIDDLEWARE_DEFAULTS.versionHeader } = options
  const header = versionHeader === true ? 'x-model-version' : versionHeader
  if (header !== false && !(typeof header === 'string' && /^[\w!#$%&'*+.^`|~-]{1,64}$/.test(header))) {
    throw new CanaryError('INVALID_OPTION', `${where}: versionHeader must be a header's name, got ${show(header)}`)
  }
  return {
    routingOf: (request) => ({ key: key?.(request), attributes: attributes?.(request) }),
    versionHeader: header,
  }
}

/** Refuses a value that `createCanary` did not return, such as `{ canary }`, before the first request. */
export function refuseNoCanary<Given extends object>(
  where: string,
  canary: Given,
  methods: readonly (keyof Given)[],
): void {
  if (methods.every((method) => typeof canary?.[method] === 'function')) return
  const advice = `pass what createCanary returned first: ${where}(canary, { … })`
  throw new CanaryError('INVALID_OPTION', `${where}: ${advice}; got ${show(canary)}`)
}
