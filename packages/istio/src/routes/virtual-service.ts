import type { ByVariant } from '@model-canary/core/controller'
import type { KubeObject } from '../kube/kube.js'
import { bucketPattern } from './bucket-pattern.js'
import { invalid, type MatchDestination, type WeightScale, withShare } from './destination-weights.js'
import { fullHost } from './host.js'
import { elementsOf, type Json, membersOf } from './json.js'
import { notFound, type PlacedRoute, pickAll, pickRoute, placedRoutes, type RouteQuest, shareIn } from './pick-route.js'
import type { RouteTable } from './route-table.js'
import { patternIn, type StickyPair, stickyConditions, withPattern } from './sticky-conditions.js'

/** A destination of a mesh: a service, and optionally a subset that a DestinationRule defines. */
export interface MeshDestination {
  readonly host: string
  readonly subset?: string | undefined
}

/** The HTTP route of a VirtualService that is split, and its two destinations. */
export interface VirtualServiceTable {
  readonly namespace: string
  readonly virtualService: string
  /** The name of the HTTP route. */
  readonly route: string | undefined
  readonly destinations: ByVariant<MeshDestination>
  /** The header that carries a caller's bucket, 0 to 99, which the route `<route>-sticky` matches. */
  readonly stickyHeader: string | undefined
}

/** Istio's weights are whole percents that sum to 100; a missing weight is 0. */
const PERCENTS: WeightScale = { implied: 0, sum: 100, sumFor: () => 100 }

/** Returns the name of the route that matches callers by their bucket. */
export const stickyRouteOf = (route: string): string => `${route}-sticky`

/** Returns how a VirtualService splits its HTTP traffic. */
export function virtualServiceTable(table: VirtualServiceTable): RouteTable {
  const { namespace, virtualService, route, destinations, stickyHeader } = table
  const where = `VirtualService ${namespace}/${virtualService}`
  const match = matchers(namespace, destinations)
  const quest: RouteQuest = { where, name: route, match }
  const stickyQuest: RouteQuest | undefined =
    stickyHeader === undefined ? undefined : { where, name: stickyRouteOf(route!), match }

  const conditionsOf = (object: KubeObject, pair: StickyPair) =>
    stickyConditions(entriesOf(object), pair, stickyHeader!)
  const routesOf = (object: KubeObject) => placedRoutes(entriesOf(object), { where, noun: 'route', member: 'route' })

  return {
    kind: 'VirtualService',
    weightIn(object) {
      const routes = routesOf(object)
      const weight = shareIn(routes, quest, PERCENTS)
      if (stickyQuest === undefined || (weight === 0 && pickAll(routes, stickyQuest).length === 0)) return weight
      const share = shareIn(routes, stickyQuest, PERCENTS)
      if (weight === 0 && share === 0) return 0
      const [split, sticky] = [pickRoute(routes, quest), pickRoute(routes, stickyQuest)]
      const pattern = weight > 0 ? patternIn(conditionsOf(object, { sticky, split }), stickyHeader!) : undefined
      if (share === 100 && pattern === bucketPattern(weight)) return weight
      const buckets = pattern === undefined ? '' : ` of the buckets ${pattern}`
      throw invalid(sticky, `it sends ${share} %${buckets} to the canary, while the weight is ${weight}`)
    },
    specFor(object, weight) {
      const routes = routesOf(object)
      const pick = (of: RouteQuest) => (weight > 0 ? [pickRoute(routes, of)] : pickAll(routes, of))
      const splits = pick(quest)
      const stickies = stickyQuest === undefined ? [] : pick(stickyQuest)
      if (splits.length + stickies.length === 0) throw notFound(routes, quest)
      const http = [...entriesOf(object)]
      const write = (route: PlacedRoute, share: number, more: Json = {}): void => {
        const destinations = withShare(route, match, PERCENTS, share)
        if (destinations === route.destinations) return
        http[route.place] = { ...membersOf(http[route.place]), ...more, route: destinations }
      }
      for (const route of splits) write(route, weight)
      for (const route of stickies) {
        if (weight === 0) {
          write(route, 0)
          continue
        }
        const conditions = conditionsOf(object, { sticky: route, split: splits[0]! })
        write(route, 100, { match: withPattern(conditions, stickyHeader!, bucketPattern(weight)) })
      }
      return { http }
    },
  }
}

const entriesOf = ({ spec }: KubeObject): readonly unknown[] => elementsOf(membersOf(spec).http)

function matchers(namespace: string, destinations: ByVariant<MeshDestination>): MatchDestination {
  const is = ({ host, subset }: MeshDestination) => {
    const wanted = fullHost(host, namespace)
    return (entry: Json): boolean => {
      const destination = membersOf(entry.destination)
      return fullHost(destination.host, namespace) === wanted && destination.subset === subset
    }
  }
  return { baseline: is(destinations.baseline), canary: is(destinations.canary) }
}
