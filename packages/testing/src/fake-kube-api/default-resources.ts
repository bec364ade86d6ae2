import type { FakeResource } from './resource.js'
import type { FakeSchema } from './schema.js'

const text: FakeSchema = { type: 'string' }
const whole: FakeSchema = { type: 'integer' }
const anyObject: FakeSchema = { type: 'object' }

const listOf = (items: FakeSchema): FakeSchema => ({ type: 'array', items })
const objectOf = (properties: Record<string, FakeSchema>): FakeSchema => ({ type: 'object', properties })

const destination = objectOf({ host: text, subset: text, port: objectOf({ number: whole }) })

const virtualService = objectOf({
  spec: objectOf({
    hosts: listOf(text),
    gateways: listOf(text),
    http: listOf(
      objectOf({
        name: text,
        match: listOf(anyObject),
        route: listOf(objectOf({ destination, weight: whole, headers: anyObject })),
        mirror: destination,
        timeout: text,
        retries: anyObject,
      }),
    ),
    tcp: listOf(anyObject),
    tls: listOf(anyObject),
  }),
})

const destinationRule = objectOf({
  spec: objectOf({
    host: text,
    subsets: listOf(objectOf({ name: text, labels: anyObject, trafficPolicy: anyObject })),
    trafficPolicy: anyObject,
  }),
})

const backendRef: FakeSchema = {
  type: 'object',
  required: ['name'],
  properties: { name: text, port: whole, weight: { type: 'integer', minimum: 0, maximum: 1_000_000 } },
}

const httpRoute = objectOf({
  spec: objectOf({
    hostnames: listOf(text),
    parentRefs: listOf(anyObject),
    rules: listOf(
      objectOf({
        name: text,
        matches: listOf(anyObject),
        filters: listOf(anyObject),
        backendRefs: listOf(backendRef),
      }),
    ),
  }),
})

/** What a cluster with Istio and the Gateway API serves, as far as canaries are concerned. */
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
    schema: objectOf({ data: anyObject }),
  },
]
