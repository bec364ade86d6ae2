import { type ByVariant, type Clock, systemClock } from '@model-canary/core'
import { oneOf, optionalText, refuseUnknown, text } from '@model-canary/foundation'
import type { Kube } from '../kube/kube.js'
import { httpRouteTable } from '../routes/http-route.js'
import { checkAddress } from './check-address.js'
import { distinctPair } from './distinct-pair.js'
import { readyEndpoints } from './ready-endpoints.js'
import { type OnDrift, type RouteTarget, routeTarget } from './route-target.js'
import { takeUpOf } from './taken-up.js'

/** What an HTTPRoute of the Gateway API is driven with. */
export interface GatewayTargetOptions {
  readonly kube: Kube
  readonly namespace: string
  readonly httpRoute: string
  /** The name of the rule; without one, the only rule that leads to both backends is meant. */
  readonly rule?: string
  /** The services of the two arms. */
  readonly backends: ByVariant<string>
  /** What is done when somebody else changes the weight. @default 'hold' */
  readonly onDrift?: OnDrift
  /** @default 'v1' */
  readonly apiVersion?: 'v1' | 'v1beta1'
  readonly clock?: Clock
}

/**
 * A target that moves the weights of one rule of an HTTPRoute: Istio, Envoy Gateway, Cilium, or whatever implements it.
 *
 * The same promises as `istioTarget`; weights go down to a hundredth of a percent. Above 0 a weight is in force once the
 * route's parents have looked at it: while one of them has `Accepted` or `ResolvedRefs` other than true, `apply` rejects
 * with `ROUTE_NOT_READY`, which says which. One that turns false later is told as drift, and holds the rollout.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * const target = gatewayTarget({
 *   kube: createKube(inCluster()), namespace: 'models', httpRoute: 'sentiment',
 *   backends: { baseline: 'sentiment-v1', canary: 'sentiment-v2' },
 * })
 */
export function gatewayTarget(options: GatewayTargetOptions): RouteTarget {
  refuseUnknown('gatewayTarget', options, {
    kube: 1,
    namespace: 1,
    httpRoute: 1,
    rule: 1,
    backends: 1,
    onDrift: 1,
    apiVersion: 1,
    clock: 1,
  })
  const { kube, backends, clock = systemClock } = options
  const version = oneOf('apiVersion', options.apiVersion ?? 'v1', ['v1', 'v1beta1'])
  const namespace = text('namespace', options.namespace)
  const httpRoute = text('httpRoute', options.httpRoute)
  distinctPair('backends', backends)
  return routeTarget({
    kube,
    address: checkAddress({
      group: 'gateway.networking.k8s.io',
      version,
      plural: 'httproutes',
      namespace,
      name: httpRoute,
    }),
    table: httpRouteTable({ namespace, httpRoute, rule: optionalText('rule', options.rule), backends }),
    onDrift: oneOf('onDrift', options.onDrift ?? 'hold', ['hold', 'reassert']),
    precision: 0.01,
    clock,
    footing: undefined,
    takeUp: takeUpOf,
    checkBaseline: readyEndpoints(kube, { host: backends.baseline, namespace }),
  })
}
