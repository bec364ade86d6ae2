import { type Clock, systemClock } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import { type Defaults, oneOf, optionalText, refuseUnknown, text } from '@model-canary/foundation'
import type { Kube } from '../kube/kube.js'
import { httpRouteTable } from '../routes/http-route.js'
import { checkAddress } from './check-address.js'
import { distinctPair } from './distinct-pair.js'
import { readyEndpoints } from './ready-endpoints.js'
import { type OnDrift, type RouteTarget, routeTarget } from './route-target.js'
import { takeUpOf } from './taken-up.js'

/** The options of {@link gatewayTarget}. */
export interface GatewayTargetOptions {
  /** The client of the cluster's API server. */
  readonly kube: Kube
  /** The namespace of the HTTPRoute. */
  readonly namespace: string
  /** The name of the HTTPRoute. */
  readonly httpRoute: string
  /** The name of the rule. @default the only rule that leads to both backends */
  readonly rule?: string
  /** The services of the two arms. */
  readonly backends: ByVariant<string>
  /** What to do when somebody else changes the weight. @default 'hold' */
  readonly onDrift?: OnDrift
  /** The version of `gateway.networking.k8s.io`. @default 'v1' */
  readonly apiVersion?: 'v1' | 'v1beta1'
  /** The clock for time limits and pauses. @default systemClock */
  readonly clock?: Clock
}

/** What an option is if it is not given. */
const GATEWAY_TARGET_DEFAULTS = { onDrift: 'hold', apiVersion: 'v1' } as const satisfies Defaults<GatewayTargetOptions>

/**
 * Creates a target that sets the weights of one rule of an HTTPRoute, for Istio, Envoy Gateway, Cilium and all other
 * implementations of the Gateway API.
 *
 * It behaves like `istioTarget`, with weights in steps of 0.01 %. A weight above 0 is in force once the route's parents
 * have processed it. If one of them does not report `Accepted` and `ResolvedRefs` as true, `apply` rejects with
 * `ROUTE_NOT_READY`, which names the condition. A condition that turns false later is reported as drift, and the
 * rollout holds.
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
  const version = oneOf('apiVersion', options.apiVersion ?? GATEWAY_TARGET_DEFAULTS.apiVersion, ['v1', 'v1beta1'])
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
    onDrift: oneOf('onDrift', options.onDrift ?? GATEWAY_TARGET_DEFAULTS.onDrift, ['hold', 'reassert']),
    precision: 0.01,
    clock,
    footing: undefined,
    takeUp: takeUpOf,
    checkBaseline: readyEndpoints(kube, { host: backends.baseline, namespace }),
  })
}
