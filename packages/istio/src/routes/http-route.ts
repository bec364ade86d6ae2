import type { ByVariant } from '@model-canary/core/controller'
import type { KubeObject } from '../kube/kube.js'
import { type MatchDestination, type WeightScale, withShare } from './destination-weights.js'
import { elementsOf, type Json, membersOf } from './json.js'
import { notFound, pickAll, pickRoute, placedRoutes, type RouteQuest, shareIn } from './pick-route.js'
import type { RouteTable } from './route-table.js'

/** The rule of an HTTPRoute that is split, and its two services. */
export interface HttpRouteTable {
  readonly namespace: string
  readonly httpRoute: string
  /** The name of the rule. */
  readonly rule: string | undefined
  /** The services of the two arms. */
  readonly backends: ByVariant<string>
}

/** Weights of the Gateway API are relative to their sum, which is 100, or 10000 for a weight with decimals. */
const SHARES: WeightScale = { implied: 1, sum: null, sumFor: (weight) => (Number.isInteger(weight) ? 100 : 10_000) }

/** Returns how an HTTPRoute splits its traffic among backends. */
export function httpRouteTable({ namespace, httpRoute, rule, backends }: HttpRouteTable): RouteTable {
  const where = `HTTPRoute ${namespace}/${httpRoute}`
  const match = matchers(namespace, backends)
  const quest: RouteQuest = { where, name: rule, match }

  const rulesOf = ({ spec }: KubeObject) => elementsOf(membersOf(spec).rules)
  const routesOf = (object: KubeObject) => placedRoutes(rulesOf(object), { where, noun: 'rule', member: 'backendRefs' })

  return {
    kind: 'HTTPRoute',
    weightIn: (object) => shareIn(routesOf(object), quest, SHARES),
    specFor(object, weight) {
      const routes = routesOf(object)
      const rules = [...rulesOf(object)]
      const found = weight > 0 ? [pickRoute(routes, quest)] : pickAll(routes, quest)
      if (found.length === 0) throw notFound(routes, quest)
      for (const route of found) {
        const backendRefs = withShare(route, match, SHARES, weight)
        if (backendRefs !== route.destinations) rules[route.place] = { ...membersOf(rules[route.place]), backendRefs }
      }
      return { rules }
    },
  }
}

function matchers(namespace: string, backends: ByVariant<string>): MatchDestination {
  const is = (name: string) => (backend: Json) =>
    backend.name === name &&
    (backend.namespace ?? namespace) === namespace &&
    (backend.kind ?? 'Service') === 'Service' &&
    (backend.group ?? '') === ''
  return { baseline: is(backends.baseline), canary: is(backends.canary) }
}
