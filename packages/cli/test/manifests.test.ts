import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { ran } from './run.fixture.js'

const objects = (yaml: string) => parseAllDocuments(yaml).map((document) => document.toJS())
const line = (text: string) => ran(text.split(' '))

describe('model-canary manifests', () => {
  it('writes the manifests for Istio', async () => {
    const { stdout, stderr, code } = await line('manifests istio --name sentiment --weight 10 --canary-version v7')
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    const [rule, service] = objects(stdout)
    expect(rule.spec.subsets[1]).toEqual({ name: 'canary', labels: { version: 'v7' } })
    expect(service.spec.http[0].route.map(({ weight }: { weight: number }) => weight)).toEqual([90, 10])
  })

  it('quotes a version that kubectl would read as a number', async () => {
    const { stdout } = await line(
      'manifests istio --name sentiment --baseline-version 2024_11_27 --canary-version 2024_11_28',
    )
    expect(stdout).toContain('version: "2024_11_28"')
  })

  it('writes routes for sticky callers', async () => {
    const { stdout } = await line(
      'manifests istio --name sentiment --route predict --sticky-header x-bucket --namespace models',
    )
    const [, service] = objects(stdout)
    expect(service.metadata).toEqual({ name: 'sentiment', namespace: 'models' })
    expect(service.spec.http.map(({ name }: { name: string }) => name)).toEqual([
      'predict-sticky',
      'predict-sticky-rest',
      'predict',
    ])
  })

  it('writes the manifests for the Gateway API', async () => {
    const { stdout } = await line(
      'manifests gateway --name s --gateway public --baseline s-v1:80 --canary s-v2:8080 --weight 0.5',
    )
    expect(objects(stdout)[0].spec.rules[0].backendRefs).toEqual([
      { name: 's-v1', port: 80, weight: 9950 },
      { name: 's-v2', port: 8080, weight: 50 },
    ])
  })

  it('writes the role of a controller', async () => {
    const { stdout } = await line('manifests role --name canary --virtual-service sentiment --config-map state')
    const [, { rules }] = objects(stdout)
    expect(
      rules.map(({ resources, verbs }: { resources: string[]; verbs: string[] }) => [...resources, ...verbs].join(' ')),
    ).toEqual([
      'virtualservices get list watch patch',
      'configmaps get list watch patch',
      'configmaps create',
      'leases get patch',
      'leases create',
    ])
  })

  it('writes the host names, the gateways and the version of the API that callers need', async () => {
    const { stdout } = await line(
      'manifests istio --name s --hosts models.example,s --gateways mesh,istio-ingress/public --api-version v1beta1',
    )
    const [, { apiVersion, spec }] = objects(stdout)
    expect(apiVersion).toBe('networking.istio.io/v1beta1')
    expect(spec).toMatchObject({ hosts: ['models.example', 's'], gateways: ['mesh', 'istio-ingress/public'] })
    const gateway = await line(
      'manifests gateway --name s --gateway g --gateway-namespace ingress --hosts a.example --baseline a:1 --canary b:2',
    )
    expect(objects(gateway.stdout)[0].spec).toMatchObject({
      hostnames: ['a.example'],
      parentRefs: [{ name: 'g', namespace: 'ingress' }],
    })
  })

  it.each([
    'manifests istio --name s',
    'manifests gateway --name s --gateway g --baseline a:1 --canary b:2',
    'manifests role --name s --config-map state',
  ])('writes the same as a list in JSON, which kubectl takes as well: %s', async (text) => {
    const { stdout } = await line(`${text} --json`)
    expect(JSON.parse(stdout)).toEqual({ apiVersion: 'v1', kind: 'List', items: objects((await line(text)).stdout) })
  })

  it.each([
    ['', /Usage/],
    ['promote-all', /unknown command 'promote-all'/],
    ['manifests', /one of istio, gateway or role/],
    ['manifests helm', /got "helm"/],
    ['manifests istio', /--name is missing/],
    ['manifests istio --name s --weight ten', /weight must be a whole number/],
    ['manifests istio --name s --wieght 10', /--wieght/],
    ['manifests gateway --name s --gateway g --baseline s-v1 --canary s-v2:80', /port/],
    ['manifests gateway --name s --gateway g --baseline s-v1:80:90 --canary s-v2:80', /SERVICE:PORT/],
    ['manifests gateway --name s --gateway g --baseline s-v1:80 --canary s-v2:80 --weight 0.125', /two decimals/],
    ['manifests istio --name s --api-version v2', /Allowed choices are v1, v1beta1/],
    ['manifests istio --name s --hosts a,B_c', /hosts must be/],
    ['manifests istio --name s --weight=', /weight must be a whole number/],
    ['manifests istio --name My_Model', /name must be .* that Kubernetes accepts.*got "My_Model"/],
    ['manifests istio --name s --namespace Shop', /namespace must be/],
    ['manifests istio --name s --canary v_2', /subsets.canary must be/],
    ['manifests istio --name s --canary-version v2+a', /labels.canary.version must be/],
    ['manifests gateway --name s --gateway g --baseline 1s:80 --canary s-v2:80', /backends.baseline.name must be/],
    ['manifests gateway --name s --gateway G --baseline s-v1:80 --canary s-v2:80', /gateway.name must be/],
    ['manifests role --name canary --virtual-service Sentiment', /virtualservices must be/],
    ['manifests role --name canary --config-map a/b', /configmaps must be/],
  ])('ends with 2 and names the mistake: %s', async (text, message) => {
    const { stdout, stderr, code } = await ran(text === '' ? [] : text.split(' '))
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 })
    expect(stderr).toMatch(message)
  })

  it('prints its usage', async () => {
    expect(await line('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('manifests') })
    expect(await line('manifests istio --help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--sticky-header'),
    })
  })
})
