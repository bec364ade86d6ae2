import { type ByVariant, CanaryError, type Clock, systemClock } from '@model-canary/core'
import { oneOf, optionalText, refuseUnknown, text } from '@model-canary/foundation'
import type { Kube, KubeAddress } from '../kube/kube.js'
import { type MeshDestination, virtualServiceTable } from '../routes/virtual-service.js'
import { checkAddress } from './check-address.js'
import { distinctPair } from './distinct-pair.js'
import { readyEndpoints } from './ready-endpoints.js'
import { type OnDrift, type RouteTarget, routeTarget } from './route-target.js'
import { type Footing, subsetFooting } from './subsets.js'

/** The two arms of a mesh: subsets of one service, or two services. */
export type MeshArms =
  | { readonly host: string; readonly subsets: ByVariant<string>; readonly hosts?: never }
  | { readonly hosts: ByVariant<string>; readonly host?: never; readonly subsets?: never }

/** What a VirtualService is driven with. */
export type IstioTargetOptions = MeshArms & {
  readonly kube: Kube
  readonly namespace: string
  readonly virtualService: string
  /** The name of the HTTP route; without one, the only route that leads to both arms is meant. */
  readonly route?: string
  /** The DestinationRule of the subsets, looked at before the canary's first request and watched from then on; with `labels`, its subset is pointed at them. */
  readonly destinationRule?: {
    readonly name: string
    readonly labels?: Partial<ByVariant<Readonly<Record<string, string>>>>
  }
  /** A header that carries the caller's bucket, 0 to 99: callers that send it stay where they are (see `istioManifests`). */
  readonly sticky?: { readonly header: string }
  /** What is done when somebody else changes the weight. @default 'hold' */
  readonly onDrift?: OnDrift
  /** @default 'v1' */
  readonly apiVersion?: 'v1' | 'v1beta1'
  readonly clock?: Clock
}

/**
 * A target that moves the weights of one HTTP route of an Istio VirtualService.
 *
 * Only the two named destinations of that route are changed, found by host and subset; everything else stays as it was read.
 * A write that meets another one is decided anew. Weights are whole percents. At 0 the write goes through whatever the route is like.
 *
 * `apply` rejects with the `KUBE_*` codes and `ROUTE_NOT_FOUND`, `ROUTE_AMBIGUOUS`, `ROUTE_INVALID`, `ROUTE_NOT_READY`, `ROUTE_DRIFTED`.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * const target = istioTarget({
 *   kube: createKube(inCluster()), namespace: 'models', virtualService: 'sentiment', route: 'predict',
 *   host: 'sentiment', subsets: { baseline: 'stable', canary: 'canary' },
 * })
 */
export function istioTarget(options: IstioTargetOptions): RouteTarget {
  refuseUnknown('istioTarget', options, {
    kube: 1,
    namespace: 1,
    virtualService: 1,
    route: 1,
    host: 1,
    hosts: 1,
    subsets: 1,
    destinationRule: 1,
    sticky: 1,
    onDrift: 1,
    apiVersion: 1,
    clock: 1,
  })
  const { kube, destinationRule, clock = systemClock } = options
  const version = oneOf('apiVersion', options.apiVersion ?? 'v1', ['v1', 'v1beta1'])
  const namespace = text('namespace', options.namespace)
  const addressOf = (plural: string, name: string): KubeAddress =>
    checkAddress({ group: 'networking.istio.io', version, plural, namespace, name })
  const route = optionalText('route', options.route)
  const stickyHeader = options.sticky && headerOf(options.sticky)
  if (stickyHeader !== undefined && route === undefined) {
    throw new CanaryError('INVALID_OPTION', 'sticky needs the name of the route; pass route')
  }
  const destinations = destinationsOf(options)
  return routeTarget({
    kube,
    address: addressOf('virtualservices', text('virtualService', options.virtualService)),
    table: virtualServiceTable({
      namespace,
      virtualService: options.virtualService,
      route,
      destinations,
      stickyHeader,
    }),
    onDrift: oneOf('onDrift', options.onDrift ?? 'hold', ['hold', 'reassert']),
    precision: 1,
    clock,
    footing: destinationRule && footingOf(destinationRule),
    takeUp: undefined,
    checkBaseline: readyEndpoints(kube, {
      ...destinations.baseline,
      namespace,
      subset: options.subsets && {
        name: options.subsets.baseline,
        rule: addressOf('destinationrules', destinationRule?.name ?? options.virtualService),
      },
    }),
  })

  function footingOf(rule: NonNullable<IstioTargetOptions['destinationRule']>): Footing {
    refuseUnknown('destinationRule', rule, { name: 1, labels: 1 })
    const { name, labels = {} } = rule
    refuseUnknown('destinationRule.labels', labels, { baseline: 1, canary: 1 })
    for (const [variant, selected] of Object.entries(labels)) {
      for (const [label, value] of Object.entries(selected ?? {}))
        text(`destinationRule.labels.${variant}.${label}`, value)
    }
    if (options.subsets === undefined) {
      throw new CanaryError('INVALID_OPTION', 'destinationRule is for subsets; leave it out with hosts')
    }
    return subsetFooting(kube, addressOf('destinationrules', text('destinationRule.name', name)), {
      names: options.subsets,
      labels,
    })
  }
}

/** Checks the arms and gives each its destination. */
function destinationsOf({ host, hosts, subsets }: MeshArms): ByVariant<MeshDestination> {
  const isOneService = host !== undefined && subsets !== undefined && hosts === undefined
  const isTwo = hosts !== undefined && host === undefined && subsets === undefined
  if (!isOneService && !isTwo) {
    throw new CanaryError('INVALID_OPTION', 'pass host and subsets for one service, or hosts for two')
  }
  if (isTwo) {
    const { baseline, canary } = distinctPair('hosts', hosts)
    return { baseline: { host: baseline }, canary: { host: canary } }
  }
  const { baseline, canary } = distinctPair('subsets', subsets!)
  const service = text('host', host)
  return { baseline: { host: service, subset: baseline }, canary: { host: service, subset: canary } }
}

/** The header of sticky callers, its name as Istio wants it: in small letters. */
export function headerOf(sticky: NonNullable<IstioTargetOptions['sticky']>): string {
  refuseUnknown('sticky', sticky, { header: 1 })
  const { header } = sticky
  if (typeof header === 'string' && /^[a-z0-9][a-z0-9-]{0,62}$/.test(header)) return header
  throw new CanaryError(
    'INVALID_OPTION',
    'sticky.header must be a header name in small letters, such as x-canary-bucket',
  )
}
