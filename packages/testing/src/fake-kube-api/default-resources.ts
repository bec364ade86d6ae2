import type { FakeResource } from './resource.js'
import type { FakeSchema } from './schema.js'

const text: FakeSchema = { type: 'string' }
const whole: FakeSchema = { type: 'integer' }
const anyObject: FakeSchema = { type: 'object' }

const listOf = (items: FakeSchema): FakeSchema => ({ type: 'array', items })
const objectOf = (properties: Record<string, FakeSchema>): FakeSchema => ({ type: 'object', properties })

const mapOf = (additionalProperties: FakeSchema): FakeSchema => ({ type: 'object', additionalProperties })

const destination: FakeSchema = {
  type: 'object',
  required: ['host'],
  properties: { host: text, subset: text, port: objectOf({ number: whole }) },
}

const httpRouteOfIstio = objectOf({
  ...{ name: text, match: listOf(anyObject), timeout: text, mirror: destination, mirrorPercent: whole },
  route: listOf(objectOf({ destination, weight: whole, headers: anyObject })),
  ...{ redirect: anyObject, directResponse: anyObject, delegate: anyObject, rewrite: anyObject, retries: anyObject },
  ...{ fault: anyObject, mirrorPercentage: anyObject, mirrors: listOf(anyObject), corsPolicy: anyObject },
  headers: anyObject,
})

const virtualService = objectOf({
  spec: objectOf({
    hosts: listOf(text),
    gateways: listOf(text),
    http: listOf(httpRouteOfIstio),
    tcp: listOf(anyObject),
    tls: listOf(anyObject),
    exportTo: listOf(text),
  }),
})

const destinationRule = objectOf({
  spec: objectOf({
    host: text,
    subsets: listOf(objectOf({ name: text, labels: mapOf(text), trafficPolicy: anyObject })),
    trafficPolicy: anyObject,
    exportTo: listOf(text),
    workloadSelector: anyObject,
  }),
})

const backendRef: FakeSchema = {
  type: 'object',
  required: ['name'],
  properties: {
    ...{ group: text, kind: text, name: text, namespace: text, port: whole, filters: listOf(anyObject) },
    weight: { type: 'integer', minimum: 0, maximum: 1_000_000 },
  },
}

const httpRoute = objectOf({
  spec: objectOf({
    hostnames: listOf(text),
    parentRefs: listOf(anyObject),
    rules: listOf(
      objectOf({
        ...{ name: text, matches: listOf(anyObject), filters: listOf(anyObject), backendRefs: listOf(backendRef) },
        ...{ timeouts: anyObject, retry: anyObject, sessionPersistence: anyObject },
      }),
    ),
  }),
})

/** The resources for canaries that a cluster with Istio and the Gateway API serves. */
export const DEFAULT_RESOURCES: readonly FakeResource[] = [
  {
    group: 'networking.istio.io',
    versions: ['v1', 'v1beta1'],
    plural: 'virtualservices',
    kind: 'VirtualService',
    shortNames: ['vs'],
    schema: virtualService,
  },
  {
    group: 'networking.istio.io',
    versions: ['v1', 'v1beta1'],
    plural: 'destinationrules',
    kind: 'DestinationRule',
    shortNames: ['dr'],
    schema: destinationRule,
  },
  {
    group: 'gateway.networking.k8s.io',
    versions: ['v1'],
    plural: 'httproutes',
    kind: 'HTTPRoute',
    schema: httpRoute,
  },
  {
    group: '',
    versions: ['v1'],
    plural: 'configmaps',
    kind: 'ConfigMap',
    shortNames: ['cm'],
    builtIn: true,
    schema: objectOf({ data: mapOf(text), binaryData: mapOf(text), immutable: { type: 'boolean' } }),
  },
  {
    group: 'coordination.k8s.io',
    versions: ['v1'],
    plural: 'leases',
    kind: 'Lease',
    builtIn: true,
    schema: objectOf({
      spec: objectOf({
        ...{ holderIdentity: text, acquireTime: text, renewTime: text },
        ...{ leaseDurationSeconds: whole, leaseTransitions: whole },
      }),
    }),
  },
  {
    group: '',
    versions: ['v1'],
    plural: 'endpoints',
    kind: 'Endpoints',
    shortNames: ['ep'],
    builtIn: true,
    schema: objectOf({ subsets: listOf(anyObject) }),
  },
  {
    group: '',
    versions: ['v1'],
    plural: 'pods',
    kind: 'Pod',
    shortNames: ['po'],
    builtIn: true,
    schema: objectOf({ spec: anyObject }),
  },
]
