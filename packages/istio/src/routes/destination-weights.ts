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

/**
 * The canary's share of a route, in percent. A canary that certainly gets nothing has 0, whatever else stands there.
 * Throws `ROUTE_INVALID` where the weights are none that a split can have.
 */
export function shareOf(route: WeightedRoute, match: MatchDestination, scale: WeightScale): number {
  return getsNothing(route, match, scale) ? 0 : splitShareOf(route, match, scale)
}

/** The same, but strict at 0 too: of a route into which more may be written. */
function splitShareOf(route: WeightedRoute, match: MatchDestination, scale: WeightScale): number {
  const { baseline, canary } = certain(route, match)
  const weights = route.destinations.map((destination) => weightOf(route, destination, scale))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const ours = weights[baseline]! + weights[canary]!
  if (total === 0) throw invalid(route, 'its weights are all 0; give the baseline all of them')
  if (total !== ours) throw invalid(route, `other destinations have ${total - ours} of ${total}; take them out`)
  if (total !== (scale.sum ?? total)) throw invalid(route, `its weights sum to ${total}; make it ${scale.sum}`)
  return Math.round((weights[canary]! / total) * 10_000) / 100
}

/** Whether all goes past the canary: to one that has a weight, or that is alone, and then needs none. */
function getsNothing({ destinations }: WeightedRoute, match: MatchDestination, { implied }: WeightScale): boolean {
  const others = destinations.filter((destination) => !match.canary(destination))
  const hasWeight = ({ weight = implied }: Json): boolean => Number.isInteger(weight) && (weight as number) > 0
  const isSomewhere = others.some(hasWeight) || (destinations.length === 1 && others.length === 1)
  return isSomewhere && destinations.every((each) => !match.canary(each) || (each.weight ?? implied) === 0)
}

/**
 * The route's destinations with the canary's new share; all others, and all their other members, as they were.
 * At 0 the canary is taken out of whatever route it stands in, and the first baseline gets what is left. A route without
 * a baseline stays as it is: the sum of its weights would be 0, and nobody would be served.
 */
export function withShare(
  route: WeightedRoute,
  match: MatchDestination,
  scale: WeightScale,
  weight: number,
): readonly Json[] {
  const heir = route.destinations.findIndex(match.baseline)
  if (weight > 0) splitShareOf(route, match, scale)
  else if (heir === -1) return route.destinations
  const ours = weight > 0 ? scale.sumFor(weight) : whatIsLeft(route, match, scale)
  const canary = Math.round((weight / 100) * ours)
  return route.destinations.map((destination, place) => {
    if (match.canary(destination)) return { ...destination, weight: canary }
    if (!match.baseline(destination)) return destination
    return { ...destination, weight: place === heir ? ours - canary : 0 }
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
