import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute'
import { DestinationRule } from '@kubernetes-models/istio/networking.istio.io/v1beta1/DestinationRule'
import { VirtualService } from '@kubernetes-models/istio/networking.istio.io/v1beta1/VirtualService'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../kube/kube.js'
import { httpRouteTable } from '../routes/http-route.js'
import { gatewayManifests } from './gateway-manifests.js'
import { type IstioManifestsOptions, istioManifests } from './istio-manifests.js'
import { roleManifests } from './role-manifests.js'

const parsed = (yaml: string) => parseAllDocuments(yaml).map((document) => document.toJS())

/** The compiled schema of the custom resource definition: `v1` and `v1beta1` have the same one. */
const validate = (Model: new (object: never) => { validate(): void }, { apiVersion: _, ...object }: KubeObject) =>
  new Model(object as never).validate()

describe('the manifests of Istio', () => {
  it('are those of the guide, with 90 and 10 for a weight of 10', () => {
    const { virtualService, destinationRule } = istioManifests({ name: 'ml-model-service', weight: 10 })
    expect(virtualService).toEqual({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'ml-model-service' },
      spec: {
        hosts: ['ml-model-service'],
        http: [
          {
            name: 'split',
            route: [
              { destination: { host: 'ml-model-service', subset: 'stable' }, weight: 90 },
              { destination: { host: 'ml-model-service', subset: 'canary' }, weight: 10 },
            ],
          },
        ],
      },
    })
    expect(destinationRule).toEqual({
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'ml-model-service' },
      spec: {
        host: 'ml-model-service',
        subsets: [
          { name: 'stable', labels: { version: 'v1' } },
          { name: 'canary', labels: { version: 'v2' } },
        ],
      },
    })
  })

  const everything: IstioManifestsOptions = {
    name: 'sentiment',
    namespace: 'models',
    host: 'sentiment.models.svc.cluster.local',
    subsets: { baseline: 'old', canary: 'new' },
    labels: { baseline: { app: 'a', version: '1' }, canary: { app: 'a', version: '2' } },
    weight: 33,
    route: 'predict',
    sticky: { header: 'x-canary-bucket' },
    hosts: ['models.example.com'],
    gateways: ['mesh', 'istio-ingress/public'],
    apiVersion: 'v1beta1',
  }

  it.each([[{ name: 'sentiment' }], [{ name: 'sentiment', weight: 100 }], [everything]])(
    'are valid against the definitions of the custom resources: %o',
    (options) => {
      const { virtualService, destinationRule } = istioManifests(options)
      validate(VirtualService, virtualService)
      validate(DestinationRule, destinationRule)
    },
  )

  it('are checked by definitions that find a weight that is a string', () => {
    const { virtualService } = istioManifests({ name: 'sentiment', weight: 10 })
    const wrong = JSON.parse(JSON.stringify(virtualService).replace('"weight":10', '"weight":"10"'))
    expect(() => validate(VirtualService, wrong)).toThrow(/weight must be integer/)
  })

  it('are the same as YAML, the subsets before the route', () => {
    const { objects, destinationRule, virtualService, yaml } = istioManifests(everything)
    expect(objects).toEqual([destinationRule, virtualService])
    expect(parsed(yaml)).toEqual(objects)
  })

  it('send callers by their bucket before they split the others, and keep the rest of the buckets on the baseline', () => {
    const { virtualService } = istioManifests({ ...everything, weight: 25 })
    const { http } = virtualService.spec as { http: { name: string; match?: object[]; route: object[] }[] }
    expect(http.map(({ name }) => name)).toEqual(['predict-sticky', 'predict-sticky-rest', 'predict'])
    expect(http[0]!.match).toEqual([{ headers: { 'x-canary-bucket': { regex: '[0-9]|1[0-9]|2[0-4]' } } }])
    expect(http[1]!.route).toEqual([{ destination: { host: 'sentiment.models.svc.cluster.local', subset: 'old' } }])
  })

  const ODD = [
    'on',
    'no',
    'y',
    'Yes',
    'OFF',
    '1_0',
    '2024_11_28',
    '2024-11-28',
    '012',
    '0o17',
    '1e3',
    '1e_3',
    '0x1F',
    '0b1_1',
  ]
  const ODDER = ['true', 'null', '1.5', '10', '1_000.5', '0777', '08', '1.2.3']

  it.each([...ODD, ...ODDER])('quote what an older YAML reads as something else: %s', (version) => {
    const labels = { baseline: { version: 'v1' }, canary: { version } }
    const { yaml, objects } = istioManifests({ name: 'sentiment', labels })
    const older = parseAllDocuments(yaml, { version: '1.1' }).map((document) => document.toJS())
    expect(older).toEqual(objects)
    expect(yaml).toContain(`version: "${version}"`) // kubectl reads some as numbers that are none in any version of YAML
  })

  it.each([
    [{ name: 'Sentiment' }],
    [{ name: 'my_model' }],
    [{ name: '-a' }],
    [{ name: 'a'.repeat(254) }],
    [{ name: 'a', namespace: 'my.space' }],
    [{ name: 'a', namespace: 'a'.repeat(64) }],
    [{ name: 'a', host: 'a b' }],
    [{ name: 'a', subsets: { baseline: 'v1', canary: 'v_2' } }],
    [{ name: 'a', labels: { baseline: { version: 'v1' }, canary: { version: 'a b' } } }],
    [{ name: 'a', labels: { baseline: { version: 'v1' }, canary: { version: `v${'1'.repeat(63)}` } } }],
    [{ name: 'a', labels: { baseline: { version: 'v1' }, canary: { 'a b': 'v2' } } }],
    [{ name: 'a', hosts: ['a/b'] }],
    [{ name: 'a', gateways: ['a/b/c'] }],
  ])('are refused with names that Kubernetes would not accept: %o', (options) => {
    const message = expect.stringContaining('Kubernetes')
    expect(() => istioManifests(options as IstioManifestsOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message }),
    )
  })

  it.each([
    [{ name: '' }, 'INVALID_OPTION'],
    [{ name: 'a', labels: { baseline: { version: 'v1' }, canary: {} } }, 'INVALID_OPTION'],
    [{ name: 'a', weight: 0.5 }, 'INVALID_OPTION'],
    [{ name: 'a', weight: 101 }, 'INVALID_OPTION'],
    [{ name: 'a', wieght: 10 }, 'UNKNOWN_OPTION'],
    [{ name: 'a', subsets: { baseline: 'x', canary: 'x' } }, 'INVALID_OPTION'],
    [{ name: 'a', sticky: { header: 'X Y' } }, 'INVALID_OPTION'],
  ])('are refused for %o', (options, code) => {
    expect(() => istioManifests(options as IstioManifestsOptions)).toThrow(expect.objectContaining({ code }))
  })
})

describe('the manifest of the Gateway API', () => {
  const options = {
    name: 'sentiment',
    namespace: 'models',
    gateway: { name: 'public', namespace: 'infra' },
    hostnames: ['models.example.com'],
    backends: { baseline: { name: 'sentiment-v1', port: 80 }, canary: { name: 'sentiment-v2', port: 80 } },
  }

  it.each([0, 10, 0.25, 100])('is valid, and splits by the weight: %s %%', (weight) => {
    const { httpRoute, yaml } = gatewayManifests({ ...options, weight })
    validate(HTTPRoute, httpRoute)
    expect(parsed(yaml)).toEqual([httpRoute])
    const backends = { baseline: 'sentiment-v1', canary: 'sentiment-v2' }
    const table = httpRouteTable({ namespace: 'models', httpRoute: 'sentiment', rule: undefined, backends })
    expect(table.weightIn(httpRoute)).toBe(weight)
  })

  it('needs a port for each backend', () => {
    const backends = { ...options.backends, canary: { name: 'sentiment-v2' } }
    expect(() => gatewayManifests({ ...options, backends } as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

describe('the role of a controller', () => {
  it('names the objects, and asks for no more than it needs', () => {
    const { objects, yaml } = roleManifests({
      name: 'canary',
      namespace: 'models',
      virtualService: 'sentiment',
      destinationRule: 'sentiment',
    })
    expect(objects.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'Role', 'RoleBinding'])
    expect(objects[1]!.rules).toEqual([
      {
        apiGroups: ['networking.istio.io'],
        resources: ['virtualservices'],
        resourceNames: ['sentiment'],
        verbs: ['get', 'list', 'watch', 'patch'],
      },
      {
        apiGroups: ['networking.istio.io'],
        resources: ['destinationrules'],
        resourceNames: ['sentiment'],
        verbs: ['get', 'list', 'watch', 'patch'],
      },
    ])
    expect(parsed(yaml)).toEqual(objects)
  })
})
