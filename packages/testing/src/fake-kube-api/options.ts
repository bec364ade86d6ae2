import { optionalFunction, refuseUnknown, text } from '@model-canary/foundation'
import { refusal } from '../refusal.js'
import { DEFAULT_RESOURCES } from './default-resources.js'
import { isSubdomain } from './name.js'
import type { FakeResource } from './resource.js'
import type { FakeRole } from './roles.js'

/** The TLS options of a fake API server, as PEM texts. */
export interface FakeKubeTls {
  readonly key: string
  readonly cert: string
  /** The certificate authority whose client certificates are trusted. */
  readonly ca?: string
  /** Whether clients are asked for a certificate; one that is trusted needs no token. @default false */
  readonly requestCert?: boolean
}

/** The options of a fake API server. All of them have defaults. */
export interface FakeKubeApiOptions {
  /** The bearer token that it accepts. @default 'fake-kube-token' */
  readonly token?: string
  /** Speaks HTTPS. @default plain HTTP */
  readonly tls?: FakeKubeTls
  /** What is served. @default VirtualServices, DestinationRules, HTTPRoutes, ConfigMaps, Leases, Endpoints, Pods */
  readonly resources?: readonly FakeResource[]
  /**
   * The existing namespaces. An object in another one creates it. @default default, kube-node-lease, kube-public,
   * kube-system
   */
  readonly namespaces?: readonly string[]
  /** What clients may do, as in the rules of a Role. @default everything */
  readonly roles?: readonly FakeRole[]
  /** The client's name in refusals. @default 'system:serviceaccount:default:model-canary' */
  readonly user?: string
  /** The time for creation timestamps, in milliseconds since 1970. @default the real one */
  readonly now?: () => number
}

/** The options with every default. */
export interface ResolvedOptions {
  readonly token: string
  readonly tls: FakeKubeTls | undefined
  readonly resources: readonly FakeResource[]
  readonly namespaces: readonly string[]
  readonly roles: readonly FakeRole[] | undefined
  readonly user: string
  readonly now: () => number
}

/** The namespaces of a new cluster. */
const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

/** Past this line every option is present and valid. */
export function resolveOptions(options: FakeKubeApiOptions): ResolvedOptions {
  refuseUnknown('fakeKubeApi', options, {
    token: 1,
    tls: 1,
    resources: 1,
    namespaces: 1,
    roles: 1,
    user: 1,
    now: 1,
  })
  const { token = 'fake-kube-token', tls, resources = DEFAULT_RESOURCES, roles, now = Date.now } = options
  const { user = 'system:serviceaccount:default:model-canary' } = options
  text('fakeKubeApi: token', token, Number.MAX_SAFE_INTEGER)
  if (tls !== undefined) refuseUnknown('fakeKubeApi: tls', tls, { key: 1, cert: 1, ca: 1, requestCert: 1 })
  if (resources.some(({ versions }) => versions.length === 0)) {
    throw refusal('fakeKubeApi: a resource has at least one version, such as "v1"')
  }
  optionalFunction('fakeKubeApi: now', now)
  const { namespaces = NAMESPACES } = options
  if (!Array.isArray(namespaces) || !namespaces.every((name) => typeof name === 'string' && isSubdomain(name))) {
    throw refusal('fakeKubeApi: namespaces are names, such as ["models"]')
  }
  return { token, tls, resources, namespaces, roles, user, now }
}
