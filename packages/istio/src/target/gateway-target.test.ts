import { errorRate, linearPlan, thresholdJudge } from '@model-canary/core'
import { createController, type Drift } from '@model-canary/core/controller'
import { emptySummary, type Summary } from '@model-canary/core/judge'
import { type FakeKubeApi, manualClock } from '@model-canary/testing'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Kube } from '../kube/kube.js'
import { gatewayManifests } from '../manifests/gateway-manifests.js'
import { membersOf } from '../routes/json.js'
import { type GatewayTargetOptions, gatewayTarget } from './gateway-target.js'
import { split, unhurried, until, type World, world } from './world.fixture.js'

const PATH = '/apis/gateway.networking.k8s.io/v1/namespaces/models/httproutes/sentiment'
const backends = { baseline: 'sentiment-v1', canary: 'sentiment-v2' }

let open: World
let api: FakeKubeApi
let kube: Kube
beforeEach(async () => {
  open = await world()
  ;({ api, kube } = open)
  const { httpRoute } = gatewayManifests({
    name: 'sentiment',
    namespace: 'models',
    gateway: { name: 'public' },
    backends: { baseline: { name: 'sentiment-v1', port: 80 }, canary: { name: 'sentiment-v2', port: 80 } },
  })
  api.put(httpRoute)
})
afterEach(() => open.close())

const targetOf = (options: Partial<GatewayTargetOptions> = {}) =>
  gatewayTarget({ kube, namespace: 'models', httpRoute: 'sentiment', backends, ...options })
const rules = () => membersOf(api.peek(PATH)?.spec).rules as { backendRefs: { name: string; weight?: number }[] }[]
const weights = (rule = 0) => rules()[rule]!.backendRefs.map(({ weight }) => weight)

describe('a weight', () => {
  it.each([
    [10, [90, 10]],
    [100, [0, 100]],
    [0.25, [9_975, 25]],
    [0, [100, 0]],
  ])('of %s %% is written as %o', async (weight, expected) => {
    const target = targetOf()
    await target.apply(split(weight), unhurried)
    expect(weights()).toEqual(expected)
    expect(await target.read()).toMatchObject({ weight })
  })

  it('keeps ports, filters and every other rule', async () => {
    const before = rules()
    const filtered = {
      ...before[0],
      filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: { remove: ['x'] } }],
    }
    const other = {
      matches: [{ path: { type: 'PathPrefix', value: '/old' } }],
      backendRefs: [{ name: 'old', port: 80 }],
    }
    api.change(PATH, { spec: { rules: [other, filtered] } })
    await targetOf().apply(split(10), unhurried)
    expect(rules()[0]).toEqual(other)
    expect(rules()[1]).toMatchObject({
      filters: filtered.filters,
      backendRefs: [
        { port: 80, weight: 90 },
        { port: 80, weight: 10 },
      ],
    })
  })

  it('is read from shares of any sum; a missing weight is 1', async () => {
    const refs = [
      { name: 'sentiment-v1', port: 80, weight: 3 },
      { name: 'sentiment-v2', port: 80 },
    ]
    api.change(PATH, { spec: { rules: [{ backendRefs: refs }] } })
    expect(await targetOf().read()).toMatchObject({ weight: 25 })
  })

  it('is written into the named rule if two rules lead to both backends', async () => {
    const rule = (name: string) => ({ ...rules()[0], name })
    api.change(PATH, { spec: { rules: [rule('a'), rule('b')] } })
    await expect(targetOf().apply(split(10), unhurried)).rejects.toMatchObject({ code: 'ROUTE_AMBIGUOUS' })
    await targetOf({ rule: 'b' }).apply(split(10), unhurried)
    expect([weights(0), weights(1)]).toEqual([
      [100, 0],
      [90, 10],
    ])
  })

  it('is not read from a backend of another namespace or kind', async () => {
    const refs = [
      ...rules()[0]!.backendRefs,
      { name: 'sentiment-v2', kind: 'Other', weight: 0 },
      { name: 'sentiment-v2', namespace: 'x', weight: 0 },
    ]
    api.change(PATH, { spec: { rules: [{ backendRefs: refs }] } })
    await targetOf().apply(split(10), unhurried)
    expect(weights()).toEqual([90, 10, 0, 0])
  })

  it('is not written over weights that are all 0, except for a rollback', async () => {
    const refs = rules()[0]!.backendRefs.map((backend) => ({ ...backend, weight: 0 }))
    api.change(PATH, { spec: { rules: [{ backendRefs: refs }] } })
    await expect(targetOf().apply(split(10), unhurried)).rejects.toMatchObject({ code: 'ROUTE_INVALID' })
    await targetOf().apply(split(0), unhurried)
    expect(weights()).toEqual([1, 0])
  })
})

describe('the conditions of its parents', () => {
  const parent = (conditions: object[], name = 'public') => ({ parentRef: { name }, controllerName: 'x/y', conditions })
  const condition = (type: string, status: string, observedGeneration: number, reason = 'Because') => ({
    ...{ type, status, observedGeneration, reason, message: 'in words' },
  })
  /** A gateway that observes every generation, and reports this condition. */
  const looksAt = (...said: (readonly [type: string, status: string])[]) => {
    const stop = kube.watch(address, (event) => {
      if (event.type !== 'present') return
      const { generation = 0 } = event.object.metadata
      const conditions = said.map(([type, status]) => condition(type, status, generation))
      api.change(PATH, { status: { parents: [parent(conditions)] } })
    })
    onTestFinished(stop)
    return stop
  }
  const address = {
    group: 'gateway.networking.k8s.io',
    version: 'v1',
    plural: 'httproutes',
    namespace: 'models',
    name: 'sentiment',
  }

  it('are waited for: a weight is in force once they are true for the written generation', async () => {
    looksAt(['Accepted', 'True'], ['ResolvedRefs', 'True'])
    await targetOf().apply(split(10), unhurried)
    const { metadata, status } = api.peek(PATH)!
    expect(status).toMatchObject({ parents: [{ conditions: [{ observedGeneration: metadata.generation }, {}] }] })
  })

  it.each(['Accepted', 'ResolvedRefs'])(
    'hold the rollout if one is false, and the reason names it: %s',
    async (type) => {
      looksAt(
        ['Accepted', type === 'Accepted' ? 'False' : 'True'],
        ['ResolvedRefs', type === 'Accepted' ? 'True' : 'False'],
      )
      const target = targetOf()
      const message = expect.stringContaining(`${type} is False for public (Because: in words)`)
      await expect(target.apply(split(10), unhurried)).rejects.toMatchObject({ code: 'ROUTE_NOT_READY', message })
      await expect(target.apply(split(10), unhurried)).rejects.toMatchObject({ code: 'ROUTE_NOT_READY' }) // when it is tried again, too
      await target.apply(split(0), unhurried)
      expect(weights()).toEqual([100, 0])
    },
  )

  it('hold it if no gateway has processed the write after three seconds', async () => {
    const clock = manualClock()
    const { generation = 0 } = api.peek(PATH)!.metadata
    api.change(PATH, { status: { parents: [parent([condition('Accepted', 'True', generation)])] } })
    const applied = targetOf({ clock }).apply(split(10), unhurried)
    const refused = expect(applied).rejects.toMatchObject({
      code: 'ROUTE_NOT_READY',
      message: expect.stringContaining(`public has not processed it yet: Accepted is for generation ${generation} of`),
    })
    let isOver = false
    void applied.catch(() => {}).finally(() => (isOver = true))
    for (let ms = 0; !isOver; ms += 200) {
      await until(() => clock.pending > 0 || isOver)
      await clock.advance(200)
      expect(ms).toBeLessThanOrEqual(3_200)
    }
    await refused
    expect(clock.elapsed()).toBeGreaterThanOrEqual(3_000)
  })

  /** Sets the condition of a gateway for the current route. */
  const say = (...said: (readonly [type: string, status: string])[]) => {
    const { generation = 0 } = api.peek(PATH)!.metadata
    api.change(PATH, {
      status: { parents: [parent(said.map(([type, status]) => condition(type, status, generation)))] },
    })
  }

  it.each(['Accepted', 'ResolvedRefs'])(
    'are watched during a step, and reported while one is false: %s',
    async (type) => {
      const target = targetOf()
      const stopLooking = looksAt(['Accepted', 'True'], ['ResolvedRefs', 'True'])
      await target.apply(split(10), unhurried)
      stopLooking()
      const heard: (Drift | null)[] = []
      onTestFinished(target.watch((drift) => heard.push(drift)))
      await until(() => heard.length > 0)
      expect(heard).toEqual([null])
      say([type, 'False'])
      await until(() => heard.at(-1) !== null)
      expect(heard.at(-1)).toEqual({
        weight: null,
        message: `HTTPRoute models/sentiment is not in force: ${type} is False for public (Because: in words).`,
      })
      say([type, 'True'])
      await until(() => heard.at(-1) === null)
      say([type, 'False'])
      await until(() => heard.at(-1) !== null)
      await target.apply(split(0), unhurried)
      await until(() => heard.at(-1) === null)
      expect(weights()).toEqual([100, 0])
      const before = heard.length
      say([type, 'False']) // nobody is to meet the canary: nothing to hold for
      await until(() => heard.length > before)
      expect(heard.at(-1)).toBeNull()
    },
  )

  it('hold a rollout during a step until they are true again, and do not hold a rollback', async () => {
    let [requests, reads] = [0, 0]
    const arm = (): Summary => ({
      ...emptySummary(),
      begun: requests,
      outcomes: { ...emptySummary().outcomes, success: requests },
    })
    const read = async () => {
      reads += 1
      return { baseline: arm(), canary: arm() }
    }
    const controller = createController({
      name: 'sentiment',
      plan: linearPlan([10, 50, 100], { minDurationMs: 1, minRequests: 100 }),
      warmUp: { durationMs: 0 },
      guardrails: [errorRate({ margin: 0.02 })],
      judge: thresholdJudge({ minSamples: 10 }),
      intervalMs: 10,
      source: { read },
      target: targetOf(),
    })
    onTestFinished(() => controller.close())
    await controller.start()
    await until(() => weights()[1] === 10 && controller.status().inForce?.weight === 10)
    say(['Accepted', 'True'], ['ResolvedRefs', 'False'])
    await until(() => controller.status().drift !== null)
    requests = 1_000 // all is well, but for the route
    const before = reads
    await until(() => reads > before + 3)
    expect(controller.status()).toMatchObject({ step: 1, inForce: null, heldBy: { by: 'drift' } })
    expect(controller.explain()).toContain('ResolvedRefs is False for public')
    looksAt(['Accepted', 'True'], ['ResolvedRefs', 'True'])
    await until(() => controller.status().step > 1)
    await controller.rollback()
    expect(weights()).toEqual([100, 0])
  })

  it('hold it for one of several parents; a false condition is reported before a late one', async () => {
    const { generation = 0 } = api.peek(PATH)!.metadata
    const late = parent([condition('Accepted', 'True', generation)], 'late')
    const no = parent([{ type: 'Accepted', status: 'False', reason: 'NoMatchingParent' }], 'other')
    api.change(PATH, { status: { parents: [late, no] } })
    await expect(targetOf().apply(split(10), unhurried)).rejects.toMatchObject({
      message: expect.stringContaining('Accepted is False for other (NoMatchingParent)'),
    })
  })
})

it.each([
  ['an unknown option', { route: 'x' }, 'UNKNOWN_OPTION'],
  ['the same backend twice', { backends: { baseline: 'a', canary: 'a' } }, 'INVALID_OPTION'],
  ['no backends', { backends: undefined }, 'INVALID_OPTION'],
])('refuses %s', (_name, options, code) => {
  expect(() => targetOf(options as never)).toThrow(expect.objectContaining({ code }))
})

it('has a precision of a hundredth of a percent', () => {
  expect(targetOf()).toMatchObject({ precision: 0.01, splitsTraffic: true })
})
