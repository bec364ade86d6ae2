import { CanaryError } from '@model-canary/core'
import { hasBoth, type MatchDestination, type WeightedRoute } from './destination-weights.js'
import { elementsOf, membersOf } from './json.js'

/** A route among others, and where it stands. */
export interface PlacedRoute extends WeightedRoute {
  readonly name: string | undefined
  readonly place: number
}

/** How the routes of a kind are written. */
export interface RouteForm {
  /** The object, for messages, such as `VirtualService default/sentiment`. */
  readonly where: string
  /** What one of its routes is called in messages. */
  readonly noun: 'route' | 'rule'
  /** The member of a route that lists its destinations. */
  readonly member: 'route' | 'backendRefs'
}

/** The routes of an object, each with its place and a name for messages. */
export function placedRoutes(entries: readonly unknown[], { where, noun, member }: RouteForm): readonly PlacedRoute[] {
  return entries.map((entry, place) => {
    const { name: given, [member]: destinations } = membersOf(entry)
    const name = typeof given === 'string' ? given : undefined
    const label = `${noun} ${name === undefined ? place + 1 : `"${name}"`} of ${where}`
    return { name, place, label, destinations: elementsOf(destinations).map(membersOf) }
  })
}

/** What is looked for: a name, or the one route that leads to both arms. */
export interface RouteQuest {
  /** The object, for messages, such as `VirtualService default/sentiment`. */
  readonly where: string
  readonly name: string | undefined
  readonly match: MatchDestination
}

/**
 * The route that is split, found by its name or by its destinations and never by its place.
 *
 * @throws `ROUTE_NOT_FOUND`, `ROUTE_AMBIGUOUS`
 */
export function pickRoute(routes: readonly PlacedRoute[], quest: RouteQuest): PlacedRoute {
  const found = pickAll(routes, quest)
  if (found.length === 1) return found[0]!
  throw found.length === 0 ? notFound(routes, quest) : ambiguous(found, quest)
}

/** Every route from which the canary is to be taken: a rollback must not wait until two of a name are one. */
export function pickAll(routes: readonly PlacedRoute[], quest: RouteQuest): readonly PlacedRoute[] {
  const { name, match } = quest
  return name === undefined
    ? routes.filter((route) => hasBoth(route, match))
    : routes.filter((route) => route.name === name)
}

/** No route is the one that is looked for. */
export function notFound(routes: readonly PlacedRoute[], { where, name }: RouteQuest): CanaryError {
  const names = routes.map((route) => route.name ?? `number ${route.place + 1} (no name)`).slice(0, 10)
  const there = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`
  const sought = name === undefined ? 'route to both the baseline and the canary' : `route "${name}"`
  return new CanaryError('ROUTE_NOT_FOUND', `${where} has no ${sought}; ${there}`)
}

function ambiguous(found: readonly PlacedRoute[], { where, name }: RouteQuest): CanaryError {
  const detail =
    name === undefined
      ? `has ${found.length} routes to both arms; name the one that is meant`
      : `has ${found.length} routes called "${name}"; names must differ`
  return new CanaryError('ROUTE_AMBIGUOUS', `${where} ${detail}`)
}
