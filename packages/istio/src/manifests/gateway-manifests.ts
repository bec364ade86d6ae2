import { CanaryError } from '@model-canary/core'
import type { ByVariant } from '@model-canary/core/controller'
import { type Defaults, numberWithin, refuseUnknown, wholeNumber } from '@model-canary/foundation'
import type { KubeObject } from '../kube/kube.js'
import { given, yamlOf } from './manifest.js'
import { hostName, objectName, optional, segmentName, serviceName } from './names.js'

/** A service and its port. */
export interface Backend {
  /** The name of the Kubernetes service. */
  readonly name: string
  /** The port of the service. */
  readonly port: number
}

/** The options of {@link gatewayManifests}. */
export interface GatewayManifestsOptions {
  /** The name of the HTTPRoute. */
  readonly name: string
  /** The namespace of the HTTPRoute. */
  readonly namespace?: string
  /** The gateway that the route is attached to. */
  readonly gateway: { readonly name: string; readonly namespace?: string }
  /** The host names that the route applies to. @default all that the gateway accepts */
  readonly hostnames?: readonly string[]
  /** The services of the two versions. */
  readonly backends: ByVariant<Backend>
  /** The canary's share, in percent, in steps of 0.01. @default 0 */
  readonly weight?: number
}

/** What an option is if it is not given. */
const GATEWAY_MANIFESTS_DEFAULTS = { weight: 0 } as const satisfies Defaults<GatewayManifestsOptions>

/** The manifest as an object and as YAML. */
export interface GatewayManifests {
  /** The HTTPRoute. */
  readonly httpRoute: KubeObject
  /** The HTTPRoute as YAML for `kubectl apply -f`. */
  readonly yaml: string
}

/**
 * Returns the HTTPRoute of a rollout, for any implementation of the Gateway API.
 *
 * @throws `UNKNOWN_OPTION`, `INVALID_OPTION`
 * @example
 * const { yaml } = gatewayManifests({
 *   name: 'sentiment', gateway: { name: 'public' },
 *   backends: { baseline: { name: 'sentiment-v1', port: 80 }, canary: { name: 'sentiment-v2', port: 80 } },
 * })
 */
export function gatewayManifests(options: GatewayManifestsOptions): GatewayManifests {
  refuseUnknown('gatewayManifests', options, {
    name: 1,
    namespace: 1,
    gateway: 1,
    hostnames: 1,
    backends: 1,
    weight: 1,
  })
  const weight = numberWithin('weight', options.weight ?? GATEWAY_MANIFESTS_DEFAULTS.weight, 0, 100)
  const scale = Number.isInteger(weight) ? 1 : 100
  const share = Math.round(weight * scale)
  if (Math.abs(weight * scale - share) > 1e-6) {
    throw new CanaryError('INVALID_OPTION', `weight is ${weight}; pass at most two decimals, such as 0.25`)
  }
  const backend = (variant: 'baseline' | 'canary', part: number) => ({
    name: serviceName(`backends.${variant}.name`, options.backends?.[variant]?.name),
    port: wholeNumber(`backends.${variant}.port`, options.backends[variant].port, 1, 65_535),
    weight: part,
  })
  for (const each of options.hostnames ?? []) hostName('hostnames', each)
  const httpRoute: KubeObject = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: {
      name: objectName('name', options.name),
      ...given('namespace', optional(segmentName, 'namespace', options.namespace)),
    },
    spec: {
      parentRefs: [
        {
          name: objectName('gateway.name', options.gateway?.name),
          ...given('namespace', optional(segmentName, 'gateway.namespace', options.gateway.namespace)),
        },
      ],
      ...given('hostnames', options.hostnames),
      rules: [{ backendRefs: [backend('baseline', 100 * scale - share), backend('canary', share)] }],
    },
  }
  return { httpRoute, yaml: yamlOf([httpRoute]) }
}
