import { CanaryError } from '@model-canary/core'
import {
  getsNothing,
  hasBoth,
  type MatchDestination,
  shareOf,
  type WeightedRoute,
  type WeightScale,
} from './destination-weights.js'
import { elementsOf, membersOf } from './json.js'

/** A route with its name and its index. */
export interface PlacedRoute extends WeightedRoute {
  readonly name: string | undefined
  readonly place: number
}

/** How the routes of a kind are written. */
export interface RouteForm {
  /** The object, for messages, such as `VirtualService default/sentiment`. */
  readonly where: string
  /** The word for one of its routes in messages. */
  readonly noun: 'route' | 'rule'
  /** The member of a route that lists its destinations. */
  readonly member: 'route' | 'backendRefs'
}

/** Returns the routes of an object, each with its index and a label for messages. */
export function placedRoutes(entries: readonly unknown[], { where, noun, member }: RouteForm): readonly PlacedRoute[] {
  return entries.map((entry, place) => {
    const { name: given, [member]: destinations } = membersOf(entry)
    const name = typeof given === 'string' ? given : undefined
    const label = `${noun} ${name === undefined ? place + 1 : `"${name}"`} of ${where}`
    return { name, place, label, destinations: elementsOf(destinations).map(membersOf) }
  })
}

/** What to look for: the route of this name or, without a name, the one route to both arms. */
export interface RouteQuest {
  /** The object, for messages, such as `VirtualService default/sentiment`. */
  readonly where: string
  readonly name: string | undefined
  readonly match: MatchDestination
}

/**
 * Returns the route to split, found by its name or its destinations, never by its index.
 *
 * @throws `ROUTE_NOT_FOUND`, `ROUTE_AMBIGUOUS`
 */
export function pickRoute(routes: readonly PlacedRoute[], quest: RouteQuest): PlacedRoute {
  const found = pickAll(routes, quest)
  if (found.length === 1) return found[0]!
  throw found.length === 0 ? notFound(routes, quest) : ambiguous(found, quest)
}

/**
 * Returns the canary's share of the route to split, in percent. It is 0 if several routes have the name and none of them
 * gives the canary any traffic: a rollback has taken it out of all.
 *
 * @throws `ROUTE_NOT_FOUND`, `ROUTE_AMBIGUOUS`, `ROUTE_INVALID`
 */
export function shareIn(routes: readonly PlacedRoute[], quest: RouteQuest, scale: WeightScale): number {
  const found = pickAll(routes, quest)
  if (found.length > 1 && found.every((route) => getsNothing(route, quest.match, scale))) return 0
  return shareOf(pickRoute(routes, quest), quest.match, scale)
}

/** Returns all routes to set to 0: a rollback must not fail because two routes have the same name. */
export function pickAll(routes: readonly PlacedRoute[], quest: RouteQuest): readonly PlacedRoute[] {
  const { name, match } = quest
  return name === undefined
    ? routes.filter((route) => hasBoth(route, match))
    : routes.filter((route) => route.name === name)
}

/** Returns the error for a route that does not exist. */
export function notFound(routes: readonly PlacedRoute[], { where, name }: RouteQuest): CanaryError {
  const names = routes.map((route) => route.name ?? `number ${route.place + 1} (no name)`).slice(0, 10)
  const there = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`
  const sought = name === undefined ? 'route to both the baseline and the canary' : `route "${name}"`
  return new CanaryError('ROUTE_NOT_FOUND', `${where} has no ${sought}; ${there}`)
}

function ambiguous(found: readonly PlacedRoute[], { where, name }: RouteQuest): CanaryError {
  const detail =
    name === undefined
      ? `has ${found.length} routes to both arms; name the route to use`
      : `has ${found.length} routes called "${name}"; names must differ`
  return new CanaryError('ROUTE_AMBIGUOUS', `${where} ${detail}`)
}
