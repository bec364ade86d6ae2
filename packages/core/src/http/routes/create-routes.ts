import { type Clock, systemClock } from '../../runtime/clock.js'
import { createPermissions } from './permissions.js'
import { rolloutRoutes } from './rollout-routes.js'
import { rootRoutes } from './root-routes.js'
import { shown } from './route-answer.js'
import { type CanaryRoutesOptions, type OperatedRollout, resolveRoutes } from './route-options.js'
import type { CanaryRoutes } from './route-request.js'

/**
 * Creates the routes of one canary, or of several, each below its name: `GET /status`, `GET /history`, `GET /explain`,
 * `GET /metrics` and `GET /events`, with `prometheus` also `GET /metrics.prom`, and with `authorize` a `POST` for every
 * verb. `GET /openapi.json` describes them.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 */
export function createRoutes<Request>(
  rollouts: OperatedRollout | readonly OperatedRollout[],
  options: CanaryRoutesOptions<Request> = {},
  clock: Clock = systemClock,
): CanaryRoutes<Request> {
  const resolved = resolveRoutes(rollouts, options)
  const ask = createPermissions(resolved.authorize, clock)
  const root = rootRoutes(resolved, ask)
  const routesOf = new Map(
    [...resolved.rollouts].map(([name, rollout]) => [name, rolloutRoutes({ name, rollout, ask, clock, ...resolved })]),
  )
  const [only = ''] = routesOf.keys()

  return async (request) => {
    const path = withoutSlashes(request.path)
    const [name, route] = resolved.areSeveral ? splitAfterName(path, [...routesOf.keys()]) : [only, path]
    const answered = (await root(path, request)) ?? (await routesOf.get(name)?.(route, request))
    if (answered === undefined || answered.contentType !== undefined) return answered
    return { ...answered, body: shown(answered.body) }
  }
}

/** Returns a path without the slashes at its ends. */
function withoutSlashes(path: string): string {
  let start = 0
  let end = path.length
  while (start < end && path[start] === '/') start += 1
  while (end > start && path[end - 1] === '/') end -= 1
  return path.slice(start, end)
}

/**
 * Returns the name of a rollout at the beginning of a path, and the path after it. Some frameworks decode a path and
 * others do not, and a name may have a slash.
 */
function splitAfterName(path: string, names: readonly string[]): readonly [name: string, route: string] {
  const at = path.includes('/') ? path.indexOf('/') : path.length
  const first = decoded(path.slice(0, at))
  const name = names.includes(first) ? undefined : names.find((each) => path.startsWith(`${each}/`))
  return name === undefined ? [first, path.slice(at + 1)] : [name, path.slice(name.length + 1)]
}

/** A text that cannot be decoded is returned as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
