import type { Drift } from '@model-canary/core/controller'
import { manualClock } from '@model-canary/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { membersOf } from '../routes/json.js'
import { type IstioTargetOptions, istioTarget } from './istio-target.js'
import { MARK } from './mark.js'
import {
  DESTINATION_RULE,
  SPLIT,
  split,
  unhurried,
  until,
  VIRTUAL_SERVICE,
  type World,
  world,
} from './world.fixture.js'

let open: World | undefined
afterEach(async () => {
  await open?.close()
  open = undefined
})

const stage = async (manifests: Parameters<typeof world>[0] = {}, options: Partial<IstioTargetOptions> = {}) => {
  open = await world(manifests)
  const target = istioTarget({ ...SPLIT, kube: open.kube, ...options } as IstioTargetOptions)
  const apply = (weight: number, epoch?: number) => target.apply(split(weight, epoch), unhurried)
  return { ...open, target, apply }
}

interface Entry {
  readonly destination: { host: string; subset?: string }
  readonly weight?: unknown
}

const httpOf = (api: World['api']) => membersOf(api.peek(VIRTUAL_SERVICE)?.spec).http as object[]
const changeHttp = (api: World['api'], http: unknown) => api.change(VIRTUAL_SERVICE, { spec: { http } })
const route = (name: string | undefined, baseline: unknown, canary: unknown, ...more: Entry[]) => ({
  ...(name && { name }),
  route: [
    { destination: { host: 'sentiment', subset: 'stable' }, weight: baseline },
    { destination: { host: 'sentiment', subset: 'canary' }, weight: canary },
    ...more,
  ] as Entry[],
})

describe('a weight', () => {
  it('is written into the two destinations of the named route, with sum 100', async () => {
    const { apply, weights } = await stage()
    for (const weight of [2, 10, 25, 50, 75, 100, 0]) {
      await apply(weight)
      expect(weights()).toEqual([`stable ${100 - weight}`, `canary ${weight}`])
    }
  })

  it('keeps every other route, every other member, and their order', async () => {
    const { api, apply, weights } = await stage()
    const health = {
      name: 'health',
      match: [{ uri: { exact: '/healthz' } }],
      route: [{ destination: { host: 'health' } }],
    }
    const timed = {
      ...route('split', 90, 10),
      timeout: '3s',
      retries: { attempts: 2 },
      headers: { request: { set: { a: 'b' } } },
    }
    const last = { route: [{ destination: { host: 'old' } }] }
    changeHttp(api, [health, timed, last])
    await apply(25)
    expect(weights()).toEqual(['stable 75', 'canary 25'])
    const [first, second, third] = httpOf(api)
    expect([first, third]).toEqual([health, last])
    expect(second).toMatchObject({ timeout: '3s', retries: { attempts: 2 }, headers: { request: { set: { a: 'b' } } } })
  })

  it('finds the destinations by host and subset, in any order and with any form of the host', async () => {
    const { api, apply } = await stage()
    const swapped = route('split', 100, 0)
    swapped.route.reverse()
    swapped.route[1]!.destination.host = 'sentiment.models.svc.cluster.local'
    changeHttp(api, [swapped])
    await apply(10)
    expect(httpOf(api)).toMatchObject([{ route: [{ weight: 10 }, { weight: 90 }] }])
  })

  it('uses the only route to both arms if no name is given, and hosts if there are no subsets', async () => {
    const { api } = await stage()
    const to = (host: string, weight: number) => ({ destination: { host }, weight })
    changeHttp(api, [{ route: [to('other', 100)] }, { route: [to('v1', 100), to('v2', 0)] }])
    const { kube } = open!
    const hosts = { baseline: 'v1', canary: 'v2' }
    const target = istioTarget({ kube, namespace: 'models', virtualService: 'sentiment', hosts })
    await target.apply(split(10), unhurried)
    expect(httpOf(api)).toMatchObject([{ route: [{ weight: 100 }] }, { route: [{ weight: 90 }, { weight: 10 }] }])
  })

  it('is written with the version that was read, and once', async () => {
    const { api, apply } = await stage()
    const { resourceVersion } = api.peek(VIRTUAL_SERVICE)!.metadata
    await apply(10)
    const patches = api.requests.filter(({ method }) => method === 'PATCH')
    expect(patches).toHaveLength(1)
    expect(patches[0]).toMatchObject({ body: { metadata: { resourceVersion } } })
    await apply(10)
    expect(api.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(1)
  })

  it('is recorded in the object, and read together with the weight in force', async () => {
    const { api, target } = await stage()
    await target.apply({ weight: 10, epoch: 3, revision: 7 }, unhurried)
    const mark = { weight: 10, epoch: 3, revision: 7, by: expect.stringMatching(/^[0-9a-f-]{36}$/) }
    expect(JSON.parse(api.peek(VIRTUAL_SERVICE)!.metadata.annotations![MARK]!)).toEqual(mark)
    expect(await target.read()).toEqual({ weight: 10, mark, problem: undefined })
  })

  it('is read as 0 if it is missing', async () => {
    const { api, apply, weights } = await stage()
    changeHttp(api, [route('split', 100, undefined)])
    await apply(10)
    expect(weights()).toEqual(['stable 90', 'canary 10'])
  })
})

describe('a writer in between', () => {
  it('makes it read and decide again, so that the other change is kept', async () => {
    const { api, apply, weights } = await stage()
    const also = { name: 'also', route: [{ destination: { host: 'also' } }] }
    api.fail({
      method: 'PATCH',
      times: 1,
      before: () => void changeHttp(api, [also, ...httpOf(api)]),
    })
    await apply(10)
    expect(weights()).toEqual(['stable 90', 'canary 10'])
    expect(httpOf(api)[0]).toEqual(also)
    expect(api.requests.filter(({ method }) => method === 'PATCH').length).toBe(2)
  })

  it('that changes the weight meanwhile stops a promotion, but not a rollback', async () => {
    const { api, apply, weights } = await stage()
    await apply(10)
    const raise = () => void changeHttp(api, [route('split', 40, 60)])
    api.fail({ method: 'PATCH', before: raise })
    await expect(apply(25)).rejects.toMatchObject({ code: 'ROUTE_DRIFTED', message: expect.stringContaining('60 %') })
    expect(weights()).toEqual(['stable 40', 'canary 60'])
    await apply(0)
    expect(weights()).toEqual(['stable 100', 'canary 0'])
  })

  it('that writes all the time ends a promotion with KUBE_CONFLICT, and a rollback is retried much longer', async () => {
    const { api, apply, weights } = await stage()
    const touch = () => void api.change(VIRTUAL_SERVICE, { metadata: { labels: { at: String(Math.random()) } } })
    api.fail({ method: 'PATCH', times: 30, before: touch })
    await expect(apply(10)).rejects.toMatchObject({ code: 'KUBE_CONFLICT' })
    await apply(0)
    expect(weights()).toEqual(['stable 100', 'canary 0'])
  })
})

describe('what was written', () => {
  it('may be in force if it cannot be read back', async () => {
    const { api, apply, weights } = await stage()
    api.fail({ method: 'GET', before: () => {} }) // the first one decides
    api.fail({ method: 'GET', times: 100, status: 503 })
    await expect(apply(10)).rejects.toMatchObject({ mayBeInForce: true })
    expect(weights()).toEqual(['stable 90', 'canary 10'])
  })

  it('is not in force if it was refused', async () => {
    const { api, apply } = await stage()
    api.fail({ method: 'PATCH', times: 100, status: 403 })
    await expect(apply(10)).rejects.not.toHaveProperty('mayBeInForce')
  })

  it('is read back: a change by an admission webhook is a failure', async () => {
    const { api, apply } = await stage()
    api.fail({ method: 'GET', before: () => {} }) // the first one decides
    api.fail({ method: 'GET', before: () => void changeHttp(api, [route('split', 95, 5)]) })
    await expect(apply(10)).rejects.toMatchObject({
      code: 'ROUTE_DRIFTED',
      message: expect.stringContaining('10 % was written, but the canary has 5 % when read back'),
    })
  })

  it('is reset to 0 also if 0 was applied and another client has raised it since', async () => {
    const { api, apply, weights } = await stage()
    await apply(0)
    changeHttp(api, [route('split', 60, 40)])
    await apply(0)
    expect(weights()).toEqual(['stable 100', 'canary 0'])
  })
})

describe('a route that is not as it should be', () => {
  const cases: readonly [string, unknown, string, RegExp][] = [
    ['none of the name', [route('other', 100, 0)], 'ROUTE_NOT_FOUND', /has no route "split"; it has other/],
    ['no routes at all', [], 'ROUTE_NOT_FOUND', /it has none/],
    ['two of the name', [route('split', 100, 0), route('split', 100, 0)], 'ROUTE_AMBIGUOUS', /2 routes called "split"/],
    ['weights that sum to 90', [route('split', 80, 10)], 'ROUTE_INVALID', /sum to 90; change it to 100/],
    ['weights of 0', [route('split', 0, 0)], 'ROUTE_INVALID', /all its weights are 0/],
    ['a fraction', [route('split', 99.5, 0.5)], 'ROUTE_INVALID', /whole numbers/],
    [
      'a third destination',
      [route('split', 60, 10, { destination: { host: 'x' }, weight: 30 })],
      'ROUTE_INVALID',
      /30 of 100/,
    ],
    [
      'no canary',
      [{ name: 'split', route: [route('', 100, 0).route[0]] }],
      'ROUTE_INVALID',
      /no destination for the canary/,
    ],
    [
      'two canaries',
      [route('split', 90, 5, route('', 0, 5).route[1]!)],
      'ROUTE_INVALID',
      /2 destinations for the canary/,
    ],
  ]
  it.each(cases)('keeps the last weights: %s', async (_name, http, code, message) => {
    const { api, apply } = await stage({ weight: 10 }, {})
    changeHttp(api, http)
    const before = api.peek(VIRTUAL_SERVICE)
    await expect(apply(25)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect(api.peek(VIRTUAL_SERVICE)).toEqual(before)
  })

  it.each(cases)('is what a first start is refused for, and no drift: %s', async (_name, http, code, message) => {
    const { api, target } = await stage()
    changeHttp(api, http)
    const drifts: (Drift | null)[] = []
    const stop = target.watch((drift) => drifts.push(drift))
    const first = target.apply({ ...split(10), isReduction: false, lastKnown: null }, unhurried)
    await expect(first).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    await until(() => drifts.length > 0)
    stop()
    expect(drifts).toEqual([null])
  })

  it.each(cases.filter(([, , code]) => code !== 'ROUTE_NOT_FOUND'))(
    'is rolled back all the same: %s',
    async (_name, http) => {
      const { api, apply } = await stage()
      changeHttp(api, http)
      await apply(0)
      const routes = httpOf(api) as { name?: string; route: { destination: { subset?: string }; weight?: number }[] }[]
      const canaries = routes.flatMap(({ route }) => route).filter(({ destination }) => destination.subset === 'canary')
      expect(canaries.every(({ weight }) => weight === 0)).toBe(true)
      expect(routes[0]!.route.some(({ destination, weight }) => destination.subset === 'stable' && weight! > 0)).toBe(
        true,
      )
    },
  )

  it('that does not exist is KUBE_NOT_FOUND', async () => {
    const { api, apply } = await stage()
    api.remove(VIRTUAL_SERVICE)
    await expect(apply(10)).rejects.toMatchObject({ code: 'KUBE_NOT_FOUND' })
  })
})

describe('the subset of the canary', () => {
  const destinationRule = { name: 'sentiment', labels: { canary: { version: 'v3' } } }
  const canaryLabels = (api: World['api']) =>
    (membersOf(api.peek(DESTINATION_RULE)?.spec).subsets as { labels: unknown }[])[1]!.labels

  it('is pointed at the new version before the canary gets any traffic', async () => {
    const { api, apply } = await stage({}, { destinationRule })
    await apply(10)
    expect(canaryLabels(api)).toEqual({ version: 'v3' })
    const writes = api.requests.filter(({ method }) => method === 'PATCH').map(({ path }) => path.split('/').at(-2))
    expect(writes).toEqual(['destinationrules', 'virtualservices'])
  })

  it('is not pointed elsewhere while the canary has traffic', async () => {
    const { api, apply } = await stage({ weight: 10 }, { destinationRule })
    await expect(apply(25)).rejects.toMatchObject({ code: 'ROUTE_NOT_READY', message: expect.stringContaining('10 %') })
    expect(canaryLabels(api)).toEqual({ version: 'v2' })
  })

  it('must exist exactly once', async () => {
    const { api, apply } = await stage({}, { destinationRule: { name: 'sentiment' } })
    api.change(DESTINATION_RULE, { spec: { subsets: [{ name: 'stable', labels: { version: 'v1' } }] } })
    await expect(apply(10)).rejects.toMatchObject({
      code: 'ROUTE_NOT_READY',
      message: expect.stringContaining('0 subsets "canary"'),
    })
  })

  it('must have been observed by the mesh, if the mesh reports that', async () => {
    const { api, apply, weights } = await stage({}, { destinationRule: { name: 'sentiment' } })
    api.change(DESTINATION_RULE, { status: { observedGeneration: 0 } })
    await expect(apply(10)).rejects.toMatchObject({ code: 'ROUTE_NOT_READY' })
    expect(weights()).toEqual(['stable 100', 'canary 0'])
    api.change(DESTINATION_RULE, { status: { observedGeneration: api.peek(DESTINATION_RULE)!.metadata.generation } })
    await apply(10)
    expect(weights()).toEqual(['stable 90', 'canary 10'])
  })

  it('that others change at the same time is decided again', async () => {
    const { api, apply } = await stage({}, { destinationRule })
    const touch = () => void api.change(DESTINATION_RULE, { metadata: { labels: { seen: 'yes' } } })
    api.fail({ method: 'PATCH', before: touch })
    await apply(10)
    expect(canaryLabels(api)).toEqual({ version: 'v3' })
  })

  it('is checked before every increase, and never for a rollback', async () => {
    const { api, apply } = await stage({}, { destinationRule: { name: 'sentiment' } })
    await apply(10)
    const asked = () => api.requests.filter(({ path }) => path.includes('destinationrules')).length
    const before = asked()
    await apply(25)
    expect(asked()).toBe(before + 1)
    api.remove(DESTINATION_RULE)
    await apply(10)
    await apply(0)
    expect(asked()).toBe(before + 1)
    await expect(apply(10, 2)).rejects.toMatchObject({ code: 'KUBE_NOT_FOUND' })
  })

  /** Another client lets a subset select another version. */
  const point = (api: World['api'], subset: string, version: string) => {
    const { subsets } = membersOf(api.peek(DESTINATION_RULE)?.spec) as { subsets: { name: string }[] }
    const changed = subsets.map((each) => (each.name === subset ? { ...each, labels: { version } } : each))
    api.change(DESTINATION_RULE, { spec: { subsets: changed } })
  }

  it.each(['stable', 'canary'])(
    'or the baseline’s is drift if its labels change during a rollout: %s',
    async (subset) => {
      const { api, apply, target, weights } = await stage({}, { destinationRule: { name: 'sentiment' } })
      const heard: (Drift | null)[] = []
      await apply(10)
      const stop = target.watch((drift) => heard.push(drift))
      await until(() => heard.length === 1 && api.watchCount === 2)
      point(api, subset, 'v9')
      await until(() => heard.length > 1)
      expect(heard[1]).toEqual({ weight: 10, message: expect.stringContaining('DestinationRule models/sentiment') })
      expect(heard[1]!.message).toContain('v9')
      await expect(apply(25)).rejects.toMatchObject({ code: 'ROUTE_DRIFTED' })
      expect(weights()).toEqual(['stable 90', 'canary 10'])
      point(api, subset, subset === 'stable' ? 'v1' : 'v2')
      await until(() => heard.at(-1) === null && heard.length > 2)
      await apply(25)
      expect(weights()).toEqual(['stable 75', 'canary 25'])
      point(api, subset, 'v9')
      await apply(0)
      expect(weights()).toEqual(['stable 100', 'canary 0'])
      stop()
    },
  )

  it('that is deleted with its DestinationRule is drift while the canary has traffic', async () => {
    const { api, apply, target } = await stage({}, { destinationRule: { name: 'sentiment' } })
    const heard: (Drift | null)[] = []
    await apply(10)
    const stop = target.watch((drift) => heard.push(drift))
    await until(() => heard.length === 1 && api.watchCount === 2)
    api.remove(DESTINATION_RULE)
    await until(() => heard.length > 1)
    expect(heard[1]!.message).toContain('DestinationRule models/sentiment has been deleted')
    await apply(0)
    await until(() => heard.at(-1) === null)
    stop()
  })

  it('is compared with the first share also by a process that starts later', async () => {
    const destinationRule = { name: 'sentiment' }
    const { api, kube, apply } = await stage({}, { destinationRule })
    await apply(10)
    point(api, 'canary', 'v9')
    const later = istioTarget({ ...SPLIT, kube, destinationRule })
    const up = { ...split(25), isReduction: false, lastKnown: 10 }
    await expect(later.apply(up, unhurried)).rejects.toMatchObject({ code: 'ROUTE_DRIFTED' })
  })

  it('that the target itself changes is not drift', async () => {
    const { api, apply, target } = await stage({}, { destinationRule })
    const heard: (Drift | null)[] = []
    await apply(0)
    const stop = target.watch((drift) => heard.push(drift))
    await until(() => heard.length === 1 && api.watchCount === 2)
    await apply(10)
    await apply(25)
    api.change(VIRTUAL_SERVICE, { metadata: { labels: { seen: 'yes' } } })
    await until(() => heard.length === 4)
    expect(canaryLabels(api)).toEqual({ version: 'v3' })
    expect(heard).toEqual([null, null, null, null])
    stop()
  })

  it('is not ready if the baseline is another version', async () => {
    const labels = { baseline: { version: 'v9' }, canary: { version: 'v2' } }
    const { apply } = await stage({}, { destinationRule: { name: 'sentiment', labels } })
    await expect(apply(10)).rejects.toMatchObject({ code: 'ROUTE_NOT_READY', message: expect.stringContaining('v9') })
  })
})

describe('drift', () => {
  const watched = async (options: Partial<IstioTargetOptions> = {}) => {
    const staged = await stage({}, options)
    const heard: (Drift | null)[] = []
    await staged.apply(10)
    const stop = staged.target.watch((drift) => heard.push(drift))
    await until(() => heard.length > 0)
    return { ...staged, heard, stop }
  }

  it('is reported when another client changes the weight, and when it is restored', async () => {
    const { api, heard, stop } = await watched()
    expect(heard).toEqual([null])
    changeHttp(api, [route('split', 50, 50)])
    await until(() => heard.length > 1)
    expect(heard[1]).toEqual({
      weight: 50,
      message: expect.stringContaining('gives the canary 50 %; 10 % was applied'),
    })
    changeHttp(api, [route('split', 90, 10)])
    await until(() => heard.length > 2)
    expect(heard[2]).toBeNull()
    stop()
  })

  it('is not reported for the target’s own writes', async () => {
    const { api, apply, heard, stop } = await watched()
    await apply(25)
    await apply(50)
    api.change(VIRTUAL_SERVICE, { metadata: { labels: { seen: 'yes' } } })
    await until(() => heard.length > 3)
    expect(heard).toEqual([null, null, null, null])
    stop()
  })

  it('is reported for a route that is broken or deleted', async () => {
    const { api, heard, stop } = await watched()
    changeHttp(api, [])
    await until(() => heard.length > 1)
    expect(heard[1]).toMatchObject({ weight: null, message: expect.stringContaining('ROUTE_NOT_FOUND') })
    api.remove(VIRTUAL_SERVICE)
    await until(() => heard.length > 2)
    expect(heard[2]).toMatchObject({ weight: null, message: expect.stringContaining('deleted') })
    stop()
  })

  it('is reported for a route that could not be watched for a minute, and not before', async () => {
    const clock = manualClock()
    const { api, heard, stop } = await watched({ clock })
    api.allow([])
    api.cutWatches()
    await until(() => clock.pending > 0)
    await clock.advance(59_000)
    expect(heard).toEqual([null])
    const lists = () =>
      api.requests.filter(({ path }) => path.includes('fieldSelector') && !path.includes('watch=')).length
    const before = lists()
    await until(() => lists() > before + 1) // one more failure at least, which does not begin the minute anew
    expect(clock.pending).toBe(1)
    await clock.advance(1_000)
    expect(heard[1]).toMatchObject({ weight: null, message: expect.stringContaining('KUBE_FORBIDDEN') })
    stop()
  })

  it('is reported by a process that has applied nothing', async () => {
    const { api, kube } = await watched()
    changeHttp(api, [route('split', 50, 50)])
    const other = istioTarget({ ...SPLIT, kube })
    await expect(other.apply(split(10), unhurried)).rejects.toMatchObject({ code: 'ROUTE_DRIFTED' })
    await other.apply(split(5), unhurried)
    expect(open!.weights()).toEqual(['stable 95', 'canary 5'])
  })

  it('is overwritten with "reassert", immediately the first time, and then after 10 to 20 seconds', async () => {
    const clock = manualClock()
    const { api, heard, weights, stop } = await watched({ onDrift: 'reassert', clock })
    changeHttp(api, [route('split', 50, 50)])
    await until(() => heard.length > 1)
    await clock.advance(0)
    await until(() => heard.at(-1) === null && heard.length > 2)
    expect(weights()).toEqual(['stable 90', 'canary 10'])
    changeHttp(api, [route('split', 50, 50)])
    await until(() => heard.at(-1) !== null)
    await clock.advance(9_900)
    expect(weights()).toEqual(['stable 50', 'canary 50'])
    await clock.advance(10_100)
    await until(() => heard.at(-1) === null)
    expect(weights()).toEqual(['stable 90', 'canary 10'])
    stop()
  })
})

describe('sticky callers', () => {
  const sticky = { header: 'x-canary-bucket' }
  const pattern = (api: World['api']) =>
    (httpOf(api)[0] as { match: { headers: Record<string, { regex: string }> }[] }).match[0]!.headers[
      'x-canary-bucket'
    ]!.regex

  it('are routed by their bucket, with the same share as all others', async () => {
    const { api, apply, weights, target } = await stage({ sticky }, { sticky })
    await apply(25)
    expect(weights('split-sticky')).toEqual(['stable 0', 'canary 100'])
    expect(pattern(api)).toBe('[0-9]|1[0-9]|2[0-4]')
    expect(weights()).toEqual(['stable 75', 'canary 25'])
    expect(await target.read()).toMatchObject({ weight: 25 })
  })

  it('return to the baseline at 0', async () => {
    const { apply, weights, target } = await stage({ sticky }, { sticky })
    await apply(25)
    await apply(0)
    expect(weights('split-sticky')).toEqual(['stable 100', 'canary 0'])
    expect(await target.read()).toMatchObject({ weight: 0 })
  })

  it('are part of what is in force: a changed pattern is drift', async () => {
    const { api, apply, target } = await stage({ sticky }, { sticky })
    await apply(10)
    const [first, ...rest] = httpOf(api) as { match: unknown }[]
    changeHttp(api, [{ ...first, match: [{ headers: { 'x-canary-bucket': { regex: '[0-9]{1,2}' } } }] }, ...rest])
    expect(await target.read()).toMatchObject({ weight: null, problem: { code: 'ROUTE_INVALID' } })
    await expect(apply(25)).rejects.toMatchObject({ code: 'ROUTE_DRIFTED' })
    await apply(0)
    expect(await target.read()).toMatchObject({ weight: 0 })
  })
})

describe('options', () => {
  const kube = { get: async () => ({}), mergePatch: async () => ({}), create: async () => ({}), watch: () => () => {} }
  it.each([
    ['an unknown one', { virtualservice: 'x' }, 'UNKNOWN_OPTION'],
    ['no namespace', { namespace: '' }, 'INVALID_OPTION'],
    ['a namespace that is a path', { namespace: '../kube-system' }, 'INVALID_OPTION'],
    ['the same subset twice', { subsets: { baseline: 'a', canary: 'a' } }, 'INVALID_OPTION'],
    ['hosts beside subsets', { hosts: { baseline: 'a', canary: 'b' } }, 'INVALID_OPTION'],
    ['another policy', { onDrift: 'ignore' }, 'INVALID_OPTION'],
    ['a header in capitals', { sticky: { header: 'X-Bucket' } }, 'INVALID_OPTION'],
    ['sticky without a route', { sticky: { header: 'x-bucket' }, route: undefined }, 'INVALID_OPTION'],
    ['another version', { apiVersion: 'v2' }, 'INVALID_OPTION'],
    ['no client', { kube: undefined }, 'INVALID_OPTION'],
    ['an unknown one of sticky', { sticky: { header: 'x-bucket', headers: 'x' } }, 'UNKNOWN_OPTION'],
    [
      'a typo that would leave the subset where it is',
      { destinationRule: { name: 'x', lables: {} } },
      'UNKNOWN_OPTION',
    ],
    ['labels of a third arm', { destinationRule: { name: 'x', labels: { cannary: {} } } }, 'UNKNOWN_OPTION'],
    ['a label that is no text', { destinationRule: { name: 'x', labels: { canary: { v: 2 } } } }, 'INVALID_OPTION'],
  ])('refuses %s', (_name, options, code) => {
    expect(() => istioTarget({ ...SPLIT, kube, ...options } as never)).toThrow(expect.objectContaining({ code }))
  })

  it('splits the traffic itself, in whole percents', () => {
    const target = istioTarget({ ...SPLIT, kube: kube as never })
    expect([target.splitsTraffic, target.precision]).toEqual([true, 1])
  })
})
