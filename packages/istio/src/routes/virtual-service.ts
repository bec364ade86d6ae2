import type { ByVariant } from '@model-canary/core'
import type { KubeObject } from '../kube/kube.js'
import { bucketPattern } from './bucket-pattern.js'
import { invalid, type MatchDestination, shareOf, type WeightScale, withShare } from './destination-weights.js'
import { fullHost } from './host.js'
import { elementsOf, type Json, membersOf } from './json.js'
import { type PlacedRoute, pickAll, pickRoute, type RouteQuest } from './pick-route.js'
import type { RouteTable } from './route-table.js'

/** A destination of a mesh: a service, and a subset of it where a DestinationRule names some. */
export interface MeshDestination {
  readonly host: string
  readonly subset?: string | undefined
}

/** What is split in a VirtualService. */
export interface VirtualServiceTable {
  readonly namespace: string
  readonly virtualService: string
  /** The name of the HTTP route. */
  readonly route: string | undefined
  readonly destinations: ByVariant<MeshDestination>
  /** The header that carries a caller's bucket, 0 to 99; then the route `<route>-sticky` follows it. */
  readonly stickyHeader: string | undefined
}

/** Istio's weights: whole percents that sum to 100; what has none has 0. */
const PERCENTS: WeightScale = { implied: 0, sum: 100, sumFor: () => 100 }

/** The name of the route that sends callers by their bucket. */
export const stickyRouteOf = (route: string): string => `${route}-sticky`

/** How a VirtualService splits its HTTP traffic. */
export function virtualServiceTable(table: VirtualServiceTable): RouteTable {
  const { namespace, virtualService, route, destinations, stickyHeader } = table
  const where = `VirtualService ${namespace}/${virtualService}`
  const match = matchers(namespace, destinations)
  const quest: RouteQuest = { where, name: route, match }
  const stickyQuest: RouteQuest | undefined =
    stickyHeader === undefined ? undefined : { where, name: stickyRouteOf(route!), match }

  const routesOf = ({ spec }: KubeObject): readonly PlacedRoute[] =>
    elementsOf(membersOf(spec).http).map((entry, place) => {
      const { name, route } = membersOf(entry)
      const label = typeof name === 'string' ? `route "${name}" of ${where}` : `route ${place + 1} of ${where}`
      return {
        name: typeof name === 'string' ? name : undefined,
        place,
        label,
        destinations: elementsOf(route).map(membersOf),
      }
    })

  return {
    kind: 'VirtualService',
    weightIn(object) {
      const routes = routesOf(object)
      const weight = shareOf(aloneOf(pickRoute(routes, quest), match), match, PERCENTS)
      if (stickyQuest !== undefined) checkSticky(pickRoute(routes, stickyQuest), entriesOf(object), weight)
      return weight
    },
    specFor(object, weight) {
      const routes = routesOf(object)
      const pick = (of: RouteQuest) => (weight > 0 ? [pickRoute(routes, of)] : pickAll(routes, of))
      const http = [...elementsOf(membersOf(object.spec).http)]
      for (const route of pick(quest)) {
        http[route.place] = {
          ...membersOf(http[route.place]),
          route: withShare(aloneOf(route, match), match, PERCENTS, weight),
        }
      }
      for (const route of stickyQuest === undefined ? [] : pick(stickyQuest)) {
        const entry = membersOf(http[route.place])
        const all = weight > 0 ? 100 : 0
        http[route.place] = {
          ...entry,
          match: withPattern(entry.match, stickyHeader!, bucketPattern(weight)),
          route: withShare(aloneOf(route, match), match, PERCENTS, all),
        }
      }
      return { http }
    },
  }

  /** The buckets and the weight tell the same story, or somebody has changed one of them. */
  function checkSticky(route: PlacedRoute, entries: readonly unknown[], weight: number): void {
    const share = shareOf(aloneOf(route, match), match, PERCENTS)
    const pattern = patternOf(membersOf(entries[route.place]).match, stickyHeader!)
    if (pattern === undefined) throw invalid(route, `it matches no header "${stickyHeader}" by a regex`)
    const isSame = weight === 0 ? share === 0 : share === 100 && pattern === bucketPattern(weight)
    if (!isSame)
      throw invalid(route, `it sends ${share} % of the buckets ${pattern} to the canary, beside a weight of ${weight}`)
  }
}

const entriesOf = ({ spec }: KubeObject): readonly unknown[] => elementsOf(membersOf(spec).http)

/** A destination that is alone in its route has all of it, and need not say so. */
function aloneOf(route: PlacedRoute, match: MatchDestination): PlacedRoute {
  const [only] = route.destinations
  const isAlone =
    route.destinations.length === 1 && only !== undefined && only.weight === undefined && match.baseline(only)
  return isAlone ? { ...route, destinations: [{ ...only, weight: 100 }] } : route
}

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

function patternOf(match: unknown, header: string): string | undefined {
  for (const condition of elementsOf(match)) {
    const { regex } = membersOf(membersOf(membersOf(condition).headers)[header])
    if (typeof regex === 'string') return regex
  }
  return undefined
}

/** The conditions with a new pattern for the header, wherever they have one. */
function withPattern(match: unknown, header: string, regex: string): readonly unknown[] {
  return elementsOf(match).map((condition) => {
    const { headers, ...rest } = membersOf(condition)
    const named = membersOf(headers)
    return named[header] === undefined ? condition : { ...rest, headers: { ...named, [header]: { regex } } }
  })
}
