import type { Variant } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import { type Defaults, refuseUnknown, text, wholeNumber } from '@model-canary/foundation'
import type { KubeObject } from '../kube/kube.js'
import { bucketPattern } from '../routes/bucket-pattern.js'
import { stickyRouteOf } from '../routes/virtual-service.js'
import { distinctPair } from '../target/distinct-pair.js'
import { headerOf } from '../target/istio-target.js'
import { given, yamlOf } from './manifest.js'
import { gatewayName, hostName, labelsOf, objectName, optional, segmentName } from './names.js'

/** The options of {@link istioManifests}. */
export interface IstioManifestsOptions {
  /** The name of both objects. */
  readonly name: string
  /** The namespace of both objects. */
  readonly namespace?: string
  /** The Kubernetes service in front of both versions. @default name */
  readonly host?: string
  /** @default { baseline: 'stable', canary: 'canary' } */
  readonly subsets?: ByVariant<string>
  /** The labels of the pods of each version. @default { baseline: { version: 'v1' }, canary: { version: 'v2' } } */
  readonly labels?: ByVariant<Readonly<Record<string, string>>>
  /** The canary's share, in whole percent. @default 0 */
  readonly weight?: number
  /** The name of the HTTP route, by which `istioTarget` finds it. @default 'split' */
  readonly route?: string
  /** Keeps callers on one arm by a header with their bucket, 0 to 99. Adds two routes before the split. */
  readonly sticky?: { readonly header: string }
  /** The host names that callers use. @default the host */
  readonly hosts?: readonly string[]
  /** The gateways that the routes apply to. @default the mesh only */
  readonly gateways?: readonly string[]
  /** The version of `networking.istio.io`. @default 'v1' */
  readonly apiVersion?: 'v1' | 'v1beta1'
}

/** What an option is if it is not given. */
const ISTIO_MANIFESTS_DEFAULTS = {
  subsets: { baseline: 'stable', canary: 'canary' },
  labels: { baseline: { version: 'v1' }, canary: { version: 'v2' } },
  weight: 0,
  route: 'split',
  apiVersion: 'v1',
} as const satisfies Defaults<IstioManifestsOptions>

/** The manifests as objects and as YAML. */
export interface IstioManifests {
  /** The object that splits the traffic. */
  readonly virtualService: KubeObject
  /** The object that defines the subsets. */
  readonly destinationRule: KubeObject
  /** Both objects in the order to apply them: a route must not refer to a subset that does not exist yet. */
  readonly objects: readonly KubeObject[]
  /** Both objects as YAML for `kubectl apply -f`. */
  readonly yaml: string
}

/**
 * Returns the DestinationRule and the VirtualService of a rollout.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * const { yaml } = istioManifests({ name: 'ml-model-service', weight: 10 })
 */
export function istioManifests(options: IstioManifestsOptions): IstioManifests {
  refuseUnknown('istioManifests', options, {
    name: 1,
    namespace: 1,
    host: 1,
    subsets: 1,
    labels: 1,
    weight: 1,
    route: 1,
    sticky: 1,
    hosts: 1,
    gateways: 1,
    apiVersion: 1,
  })
  const settings = resolve(options)
  const virtualService = virtualServiceOf(settings)
  const destinationRule = destinationRuleOf(settings)
  const objects = [destinationRule, virtualService]
  return { virtualService, destinationRule, objects, yaml: yamlOf(objects) }
}

/** Checks the options and fills in defaults. */
function resolve(options: IstioManifestsOptions) {
  const name = objectName('name', options.name)
  const host = hostName('host', options.host ?? name)
  const { subsets = ISTIO_MANIFESTS_DEFAULTS.subsets, sticky, hosts = [host], gateways } = options
  const { labels = ISTIO_MANIFESTS_DEFAULTS.labels } = options
  const weight = wholeNumber('weight', options.weight ?? ISTIO_MANIFESTS_DEFAULTS.weight, 0, 100)
  const route = text('route', options.route ?? ISTIO_MANIFESTS_DEFAULTS.route)
  const apiVersion = `networking.istio.io/${options.apiVersion ?? ISTIO_MANIFESTS_DEFAULTS.apiVersion}`
  const metadata = { name, ...given('namespace', optional(segmentName, 'namespace', options.namespace)) }
  distinctPair('subsets', subsets)
  for (const variant of ['baseline', 'canary'] as const) {
    segmentName(`subsets.${variant}`, subsets[variant])
    labelsOf(`labels.${variant}`, labels?.[variant])
  }
  for (const each of hosts) hostName('hosts', each)
  for (const each of gateways ?? []) gatewayName('gateways', each)
  const stickyHeader = sticky ? headerOf(sticky) : undefined
  return { apiVersion, metadata, host, subsets, labels, weight, route, stickyHeader, hosts, gateways }
}

/** The checked options of both objects. */
type Settings = ReturnType<typeof resolve>

function virtualServiceOf({ apiVersion, metadata, hosts, gateways, ...settings }: Settings): KubeObject {
  const { route, weight, stickyHeader } = settings
  const sticky = stickyHeader === undefined ? [] : stickyRoutes(settings, stickyHeader)
  return {
    apiVersion,
    kind: 'VirtualService',
    metadata,
    spec: {
      hosts,
      ...given('gateways', gateways),
      http: [...sticky, { name: route, route: splitOf(settings, weight) }],
    },
  }
}

function destinationRuleOf({ apiVersion, metadata, host, subsets, labels }: Settings): KubeObject {
  return {
    apiVersion,
    kind: 'DestinationRule',
    metadata,
    spec: {
      host,
      subsets: [
        { name: subsets.baseline, labels: labels.baseline },
        { name: subsets.canary, labels: labels.canary },
      ],
    },
  }
}

/** Returns the routes for callers that send a bucket. The route after them splits all other callers at random. */
function stickyRoutes(settings: Route, header: string): readonly object[] {
  const { route, weight } = settings
  const matching = (regex: string) => [{ headers: { [header]: { regex } } }]
  const split = splitOf(settings, weight > 0 ? 100 : 0)
  return [
    { name: stickyRouteOf(route), match: matching(bucketPattern(weight)), route: split },
    { name: `${route}-sticky-rest`, match: matching(bucketPattern(100)), route: [destinationOf(settings, 'baseline')] },
  ]
}

/** The settings of one HTTP route. */
type Route = Pick<Settings, 'host' | 'subsets' | 'route' | 'weight'>

const destinationOf = ({ host, subsets }: Route, variant: Variant) => ({
  destination: { host, subset: subsets[variant] },
})

/** Returns the two destinations, with a share of the canary in percent. */
const splitOf = (settings: Route, share: number) => [
  { ...destinationOf(settings, 'baseline'), weight: 100 - share },
  { ...destinationOf(settings, 'canary'), weight: share },
]
