import { CanaryError, type Clock, systemClock } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import { type Defaults, oneOf, optionalText, refuseUnknown, text } from '@model-canary/foundation'
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

/** The options of {@link istioTarget}. */
export type IstioTargetOptions = MeshArms & {
  /** The client of the cluster's API server. */
  readonly kube: Kube
  /** The namespace of the VirtualService. */
  readonly namespace: string
  /** The name of the VirtualService. */
  readonly virtualService: string
  /** The name of the HTTP route. @default the only route that leads to both arms */
  readonly route?: string
  /**
   * The DestinationRule of the subsets. It is checked before the canary's first request and watched from then on. A
   * `rollback()` after a promotion reads it, too; without this option it reads the one with the VirtualService's name.
   */
  readonly destinationRule?: {
    /** The name of the DestinationRule. */
    readonly name: string
    /** The labels of each version's pods. The canary's are written into its subset; the baseline's are only checked. */
    readonly labels?: Partial<ByVariant<Readonly<Record<string, string>>>>
  }
  /** A header with the caller's bucket, 0 to 99. Callers that send it stay on one arm (see `istioManifests`). */
  readonly sticky?: { readonly header: string }
  /** What to do when somebody else changes the weight. @default 'hold' */
  readonly onDrift?: OnDrift
  /** The version of `networking.istio.io`. @default 'v1' */
  readonly apiVersion?: 'v1' | 'v1beta1'
  /** The clock for time limits and pauses. @default systemClock */
  readonly clock?: Clock
}

/** What an option is if it is not given. */
const ISTIO_TARGET_DEFAULTS = { onDrift: 'hold', apiVersion: 'v1' } as const satisfies Defaults<IstioTargetOptions>

/**
 * Creates a target that sets the weights of one HTTP route of an Istio VirtualService.
 *
 * Only the two destinations of the arms are changed, which are found by host and subset; everything else is kept. After
 * a write conflict it reads the object and decides again. Weights are whole percents. A weight of 0 is written even if
 * the route is otherwise invalid.
 *
 * `apply` rejects with the `KUBE_*` codes, `ROUTE_NOT_FOUND`, `ROUTE_AMBIGUOUS`, `ROUTE_INVALID`, `ROUTE_NOT_READY` and
 * `ROUTE_DRIFTED`.
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
  const version = oneOf('apiVersion', options.apiVersion ?? ISTIO_TARGET_DEFAULTS.apiVersion, ['v1', 'v1beta1'])
  const namespace = text('namespace', options.namespace)
  const addressOf = (plural: string, name: string): KubeAddress =>
    checkAddress({ group: 'networking.istio.io', version, plural, namespace, name })
  const route = optionalText('route', options.route)
  const stickyHeader = options.sticky && headerOf(options.sticky)
  if (stickyHeader !== undefined && route === undefined) {
    throw new CanaryError('INVALID_OPTION', 'sticky requires the name of the route; pass route')
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
    onDrift: oneOf('onDrift', options.onDrift ?? ISTIO_TARGET_DEFAULTS.onDrift, ['hold', 'reassert']),
    precision: 1,
    clock,
    footing: destinationRule && footingOf(options, destinationRule, (name) => addressOf('destinationrules', name)),
    takeUp: undefined,
    checkBaseline: readyEndpoints(kube, {
      ...destinations.baseline,
      namespace,
      subset: options.subsets && {
        name: options.subsets.baseline,
        rule: addressOf('destinationrules', destinationRule?.name ?? options.virtualService),
        isAssumed: destinationRule === undefined,
      },
    }),
  })
}

/** Checks the DestinationRule of the options and returns it as a footing. @throws `UNKNOWN_OPTION`, `INVALID_OPTION` */
function footingOf(
  { kube, subsets }: IstioTargetOptions,
  rule: NonNullable<IstioTargetOptions['destinationRule']>,
  addressOf: (name: string) => KubeAddress,
): Footing {
  refuseUnknown('destinationRule', rule, { name: 1, labels: 1 })
  const { name, labels = {} } = rule
  refuseUnknown('destinationRule.labels', labels, { baseline: 1, canary: 1 })
  for (const [variant, selected] of Object.entries(labels)) {
    for (const [label, value] of Object.entries(selected ?? {}))
      text(`destinationRule.labels.${variant}.${label}`, value)
  }
  if (subsets === undefined) {
    throw new CanaryError('INVALID_OPTION', 'destinationRule is for subsets; leave it out with hosts')
  }
  return subsetFooting(kube, addressOf(text('destinationRule.name', name)), { names: subsets, labels })
}

/** Checks the arms and returns the destination of each. @throws `INVALID_OPTION` */
function destinationsOf({ host, hosts, subsets }: MeshArms): ByVariant<MeshDestination> {
  const isOneService = host !== undefined && subsets !== undefined && hosts === undefined
  const isTwo = hosts !== undefined && host === undefined && subsets === undefined
  if (!isOneService && !isTwo) {
    throw new CanaryError('INVALID_OPTION', 'pass host and subsets for one service, or hosts for two services')
  }
  if (isTwo) {
    const { baseline, canary } = distinctPair('hosts', hosts)
    return { baseline: { host: baseline }, canary: { host: canary } }
  }
  const { baseline, canary } = distinctPair('subsets', subsets!)
  const service = text('host', host)
  return { baseline: { host: service, subset: baseline }, canary: { host: service, subset: canary } }
}

/** Returns the header of sticky callers if its name is lower-case, as Istio requires. @throws `INVALID_OPTION` */
export function headerOf(sticky: NonNullable<IstioTargetOptions['sticky']>): string {
  refuseUnknown('sticky', sticky, { header: 1 })
  const { header } = sticky
  if (typeof header === 'string' && /^[a-z0-9][a-z0-9-]{0,62}$/.test(header)) return header
  throw new CanaryError('INVALID_OPTION', 'sticky.header must be a lower-case header name, such as x-canary-bucket')
}
