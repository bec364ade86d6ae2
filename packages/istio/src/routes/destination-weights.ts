import { CanaryError } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import { type Json, membersOf } from './json.js'

/** Tells which destinations of a route belong to each arm. */
export type MatchDestination = ByVariant<(destination: Json) => boolean>

/** A route and its weighted destinations, as they were read. */
export interface WeightedRoute {
  /** The name of the route in messages. */
  readonly label: string
  readonly destinations: readonly Json[]
}

/** How weights are written. */
export interface WeightScale {
  /** The weight of a destination that has no weight. */
  readonly implied: number
  /** The required sum of all weights; `null` if weights are relative to their own sum. */
  readonly sum: number | null
  /** Returns a sum of weights with which this share can be written in whole numbers. */
  sumFor(weight: number): number
}

/** Returns the indexes of the two arms in a route; `undefined` for an arm that is missing or occurs twice. */
function placesOf({ destinations }: WeightedRoute, match: MatchDestination): ByVariant<number | undefined> {
  const only = (variant: 'baseline' | 'canary'): number | undefined => {
    const places = destinations.flatMap((destination, place) => (match[variant](destination) ? [place] : []))
    return places.length === 1 ? places[0] : undefined
  }
  return { baseline: only('baseline'), canary: only('canary') }
}

/** Whether a route has destinations for both arms. */
export const hasBoth = (route: WeightedRoute, match: MatchDestination): boolean =>
  route.destinations.some(match.baseline) && route.destinations.some(match.canary)

/**
 * Returns the canary's share of a route, in percent. It is 0 if the canary certainly gets no traffic, even if the
 * route is otherwise invalid. Throws `ROUTE_INVALID` if the weights are not those of a split.
 */
export function shareOf(route: WeightedRoute, match: MatchDestination, scale: WeightScale): number {
  return getsNothing(route, match, scale) ? 0 : splitShareOf(route, match, scale)
}

/** Returns the share of a route that must be valid at 0 too, because a higher weight will be written into it. */
function splitShareOf(route: WeightedRoute, match: MatchDestination, scale: WeightScale): number {
  const { baseline, canary } = certain(route, match)
  const weights = route.destinations.map((destination) => weightOf(route, destination, scale))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const ours = weights[baseline]! + weights[canary]!
  if (total === 0) throw invalid(route, 'all its weights are 0; give the baseline the full weight')
  if (total !== ours) throw invalid(route, `other destinations have ${total - ours} of ${total}; remove them`)
  if (total !== (scale.sum ?? total)) throw invalid(route, `its weights sum to ${total}; change it to ${scale.sum}`)
  return Math.round((weights[canary]! / total) * 10_000) / 100
}

/** Whether the canary gets no traffic: another destination has a weight, or is the only one and needs none. */
export function getsNothing(
  { destinations }: WeightedRoute,
  match: MatchDestination,
  { implied }: WeightScale,
): boolean {
  const others = destinations.filter((destination) => !match.canary(destination))
  const hasWeight = ({ weight = implied }: Json): boolean => Number.isInteger(weight) && (weight as number) > 0
  const isSomewhere = others.some(hasWeight) || (destinations.length === 1 && others.length === 1)
  return isSomewhere && destinations.every((each) => !match.canary(each) || (each.weight ?? implied) === 0)
}

/**
 * Returns the route's destinations with the canary's new share. Other destinations and members are kept.
 * At 0 every canary destination gets 0, even in an invalid route, and the first baseline gets the rest. A route without
 * a baseline is returned unchanged: all its weights would be 0, and no request would be served.
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

/** Returns the baseline's weight once the canary has 0, even if the route is otherwise invalid. */
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
  const advice = missing === 'canary' ? 'add it with weight 0' : 'add it with the full weight'
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

/** Returns the error for a route that exists but cannot be split. */
export const invalid = ({ label }: WeightedRoute, detail: string): CanaryError =>
  new CanaryError('ROUTE_INVALID', `${label}: ${detail}`)
