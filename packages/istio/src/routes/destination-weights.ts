import { type ByVariant, CanaryError } from '@model-canary/core'
import { type Json, membersOf } from './json.js'

/** Which destination of a route is which arm. */
export type MatchDestination = ByVariant<(destination: Json) => boolean>

/** One route's weighted destinations, as they are. */
export interface WeightedRoute {
  /** What the route is called in messages. */
  readonly label: string
  readonly destinations: readonly Json[]
}

/** How weights are written. */
export interface WeightScale {
  /** What a destination without a weight has. */
  readonly implied: number
  /** What all weights must sum to; `null` where they are shares of whatever their sum is. */
  readonly sum: number | null
  /** A sum in whose whole parts this weight can be written. */
  sumFor(weight: number): number
}

/** The places of the two arms in a route; `undefined` for one that is not there, or there twice. */
function placesOf({ destinations }: WeightedRoute, match: MatchDestination): ByVariant<number | undefined> {
  const only = (variant: 'baseline' | 'canary'): number | undefined => {
    const places = destinations.flatMap((destination, place) => (match[variant](destination) ? [place] : []))
    return places.length === 1 ? places[0] : undefined
  }
  return { baseline: only('baseline'), canary: only('canary') }
}

/** Whether a route sends anything to both arms. */
export const hasBoth = (route: WeightedRoute, match: MatchDestination): boolean =>
  route.destinations.some(match.baseline) && route.destinations.some(match.canary)

/** The canary's share of a route, in percent. Throws `ROUTE_INVALID` where its weights are none that a split can have. */
export function shareOf(route: WeightedRoute, match: MatchDestination, scale: WeightScale): number {
  const { baseline, canary } = certain(route, match)
  const weights = route.destinations.map((destination) => weightOf(route, destination, scale))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const ours = weights[baseline]! + weights[canary]!
  if (total === 0) throw invalid(route, 'its weights are all 0; give the baseline all of them')
  if (total !== ours) throw invalid(route, `other destinations have ${total - ours} of ${total}; take them out`)
  if (total !== (scale.sum ?? total)) throw invalid(route, `its weights sum to ${total}; make it ${scale.sum}`)
  return Math.round((weights[canary]! / total) * 10_000) / 100
}

/**
 * The route's destinations with the canary's new share; all others, and all their other members, as they were.
 * At 0 the canary is taken out of whatever route it stands in, and the baseline gets what is left.
 */
export function withShare(
  route: WeightedRoute,
  match: MatchDestination,
  scale: WeightScale,
  weight: number,
): readonly Json[] {
  if (weight > 0) shareOf(route, match, scale)
  const ours = weight > 0 ? scale.sumFor(weight) : whatIsLeft(route, match, scale)
  const canary = Math.round((weight / 100) * ours)
  return route.destinations.map((destination) => {
    if (match.canary(destination)) return { ...destination, weight: canary }
    return match.baseline(destination) ? { ...destination, weight: ours - canary } : destination
  })
}

/** What the baseline gets when the canary is taken out, whatever else the route is like. */
function whatIsLeft(route: WeightedRoute, match: MatchDestination, { implied, sum }: WeightScale): number {
  const sumOf = (isMeant: (destination: Json) => boolean): number =>
    route.destinations
      .filter(isMeant)
      .reduce((total, { weight = implied }) => total + (Number.isInteger(weight) ? Number(weight) : 0), 0)
  const isOurs = (destination: Json): boolean => match.baseline(destination) || match.canary(destination)
  return Math.max(1, sum === null ? sumOf(isOurs) : sum - sumOf((destination) => !isOurs(destination)))
}

function certain(route: WeightedRoute, match: MatchDestination): ByVariant<number> {
  const { baseline, canary } = placesOf(route, match)
  if (baseline !== undefined && canary !== undefined) return { baseline, canary }
  const missing = baseline === undefined ? 'baseline' : 'canary'
  const count = route.destinations.filter(match[missing]).length
  const advice = missing === 'canary' ? 'add it with weight 0' : 'add it with all of the weight'
  throw invalid(
    route,
    count === 0
      ? `it has no destination for the ${missing}; ${advice}`
      : `it has ${count} destinations for the ${missing}`,
  )
}

function weightOf(route: WeightedRoute, destination: Json, { implied }: WeightScale): number {
  const { weight = implied } = membersOf(destination)
  if (Number.isInteger(weight) && (weight as number) >= 0) return weight as number
  throw invalid(route, `it has the weight ${JSON.stringify(weight)}; weights are whole numbers from 0 up`)
}

/** A route that is there and cannot be split. */
export const invalid = ({ label }: WeightedRoute, detail: string): CanaryError =>
  new CanaryError('ROUTE_INVALID', `${label}: ${detail}`)
