import type { ByVariant } from '@model-canary/core'
import { refuseUnknown, text, wholeNumber } from '@model-canary/foundation'
import type { KubeObject } from '../kube/kube.js'
import { bucketPattern } from '../routes/bucket-pattern.js'
import { stickyRouteOf } from '../routes/virtual-service.js'
import { distinctPair } from '../target/distinct-pair.js'
import { headerOf } from '../target/istio-target.js'
import { given, yamlOf } from './manifest.js'
import { gatewayName, hostName, labelsOf, objectName, optional, segmentName } from './names.js'

/** What the manifests of a rollout behind Istio are made from. */
export interface IstioManifestsOptions {
  /** The name of both objects, and of the service where `host` says no other. */
  readonly name: string
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
  /** Keeps callers where they are by a header that carries their bucket, 0 to 99: two more routes go before the split. */
  readonly sticky?: { readonly header: string }
  /** Names that callers use, where they are other than the service's. */
  readonly hosts?: readonly string[]
  /** Gateways that the routes hold for. @default the mesh alone */
  readonly gateways?: readonly string[]
  /** @default 'v1' */
  readonly apiVersion?: 'v1' | 'v1beta1'
}

/** Manifests as objects, and as a file. */
export interface IstioManifests {
  readonly virtualService: KubeObject
  readonly destinationRule: KubeObject
  /** Both, in the order in which they are to be applied: a route must not lead to a subset that is not there yet. */
  readonly objects: readonly KubeObject[]
  readonly yaml: string
}

/**
 * The DestinationRule and the VirtualService of a rollout.
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
  const name = objectName('name', options.name)
  const host = hostName('host', options.host ?? name)
  const { subsets = { baseline: 'stable', canary: 'canary' }, sticky, hosts = [host], gateways } = options
  const { labels = { baseline: { version: 'v1' }, canary: { version: 'v2' } } } = options
  const weight = wholeNumber('weight', options.weight ?? 0, 0, 100)
  const route = text('route', options.route ?? 'split')
  const apiVersion = `networking.istio.io/${options.apiVersion ?? 'v1'}`
  const metadata = { name, ...given('namespace', optional(segmentName, 'namespace', options.namespace)) }
  distinctPair('subsets', subsets)
  for (const variant of ['baseline', 'canary'] as const) {
    segmentName(`subsets.${variant}`, subsets[variant])
    labelsOf(`labels.${variant}`, labels?.[variant])
  }
  for (const each of hosts) hostName('hosts', each)
  for (const each of gateways ?? []) gatewayName('gateways', each)

  const to = (variant: 'baseline' | 'canary') => ({ destination: { host, subset: subsets[variant] } })
  const split = (share: number) => [
    { ...to('baseline'), weight: 100 - share },
    { ...to('canary'), weight: share },
  ]
  const virtualService: KubeObject = {
    apiVersion,
    kind: 'VirtualService',
    metadata,
    spec: {
      hosts,
      ...given('gateways', gateways),
      http: [...(sticky ? stickyRoutes(headerOf(sticky)) : []), { name: route, route: split(weight) }],
    },
  }
  const destinationRule: KubeObject = {
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
  const objects = [destinationRule, virtualService]
  return { virtualService, destinationRule, objects, yaml: yamlOf(objects) }

  /** Who sends a bucket goes by it; who sends none is split at random by the route after these. */
  function stickyRoutes(header: string): readonly object[] {
    const matching = (regex: string) => [{ headers: { [header]: { regex } } }]
    return [
      { name: stickyRouteOf(route), match: matching(bucketPattern(weight)), route: split(weight > 0 ? 100 : 0) },
      { name: `${route}-sticky-rest`, match: matching(bucketPattern(100)), route: [to('baseline')] },
    ]
  }
}
