import { errorRate, linearPlan, thresholdJudge } from '@model-canary/core'
import { type ControllerOptions, createController } from '@model-canary/core/controller'
import { manualClock } from '@model-canary/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { createKube } from '../src/kube/create-kube.js'
import { kubeStore } from '../src/store/kube-store.js'
import { MARK } from '../src/target/mark.js'
import { arm } from '../src/target/quick-rollout.fixture.js'
import { stageOfEachTest } from '../src/target/stage.fixture.js'
import { until } from '../src/target/world.fixture.js'
import { createProcess } from './stopped-process.fixture.js'

const SECOND = 1_000
const CONFIG_MAP = '/api/v1/namespaces/models/configmaps/rollout'
const LEASE = '/apis/coordination.k8s.io/v1/namespaces/models/leases/rollout'
const FENCE = 'model-canary.dev/fence'

const open = stageOfEachTest()
const { canary, markNow, targetOf } = open

type Replica = ReturnType<typeof replica>
const replicas: Replica[] = []
afterEach(async () => {
  for (const { process } of replicas) process.wake()
  let isClosed = false
  const closing = Promise.all(replicas.map(({ controller }) => controller.close()))
  void closing.then(() => (isClosed = true))
  await inTime(() => isClosed)
  replicas.length = 0
})

const planOf = (weights: readonly number[]) => linearPlan(weights, { minDurationMs: 30 * SECOND, minRequests: 1 })

/** A controller with its own client, store and target, over the shared ConfigMap, Lease and route. */
function replica(options: Partial<ControllerOptions> = {}) {
  const clock = manualClock()
  const connection = { server: open.api.url, credentials: async () => ({ token: open.api.token }) }
  const process = createProcess(createKube(connection, { retries: 0 }))
  let counted = 0
  let isCounting = true
  const controller = createController({
    name: 'sentiment',
    plan: planOf([10, 50, 100]),
    warmUp: { durationMs: 0 },
    bake: { durationMs: 0 },
    guardrails: [errorRate({ margin: 0.02 })],
    judge: thresholdJudge({ minSamples: 100 }),
    intervalMs: 5 * SECOND,
    source: {
      async read() {
        if (!isCounting) return 'no-data'
        counted += 1_000
        return { baseline: arm(counted), canary: arm(counted) }
      },
    },
    target: targetOf({ kube: process.kube }),
    store: kubeStore({ kube: process.kube, namespace: 'models', name: 'rollout', clock }),
    clock,
    ...options,
  })
  let isLeader = false
  const alerts: string[] = []
  controller.on('leader', (event) => {
    isLeader = event.isLeader
  })
  controller.on('alert', ({ message }) => alerts.push(message))
  return { controller, clock, process, alerts, leads: () => isLeader, stopCounting: () => (isCounting = false) }
}

/** Lets time pass in all processes that are not stopped, until a condition is true. */
async function inTime(isSo: () => boolean): Promise<void> {
  const awake = () => replicas.filter(({ process }) => !process.isStopped)
  while (!isSo()) {
    await until(() => awake().every(({ process }) => !process.isWaiting))
    if (isSo()) return
    for (const { clock } of awake()) await clock.advance(250)
  }
}

/** Starts this many controllers in the same moment, and waits for the first step. Returns the leader first. */
async function started(count: number): Promise<Replica[]> {
  replicas.push(...Array.from({ length: count }, () => replica()))
  await Promise.all(replicas.map(({ controller }) => controller.start()))
  await inTime(() => canary() === 10 && replicas.every(({ controller }) => controller.status().weight === 10))
  expect(replicas.filter(({ leads }) => leads())).toHaveLength(1)
  return replicas.toSorted((a, b) => Number(b.leads()) - Number(a.leads()))
}

const stateOf = ({ controller }: Replica) => controller.status().state
const headIn = (object: unknown) => {
  const stored = (object as { data?: Record<string, string> }).data?.['rollout.json']
  return stored === undefined ? undefined : JSON.parse(stored).head
}
const headNow = () => headIn(open.api.peek(CONFIG_MAP))
const stepIn = (patch: string): number | undefined => headIn(JSON.parse(patch))?.state.step
const leaseNow = () => open.api.peek(LEASE)!.spec as Record<string, unknown>
const fencesNow = () => [Number(open.api.peek(CONFIG_MAP)!.metadata.annotations![FENCE]), markNow().fence]
/** The ids of the targets that have raised the share. */
const raisers = () => {
  const marks = open.api.requests.flatMap(({ method, path, body }) => {
    if (method !== 'PATCH' || !path.includes('virtualservices')) return []
    const { annotations } = (body as { metadata: { annotations: Record<string, string> } }).metadata
    return [JSON.parse(annotations[MARK]!) as { weight: number; by: string }]
  })
  return new Set(marks.filter(({ weight }) => weight > 0).map(({ by }) => by))
}

describe('three controllers that share a ConfigMap and a Lease', () => {
  it('have one leader, which alone raises the share, and all are promoted', async () => {
    const [leader, ...followers] = await started(3)
    expect(leaseNow().holderIdentity).toBe(leader!.controller.status().instance)
    await inTime(() => replicas.every((one) => stateOf(one) === 'promoted') && canary() === 100)
    expect(replicas.map(({ leads }) => leads()).filter(Boolean)).toHaveLength(1)
    expect(raisers().size).toBe(1)
    expect(leaseNow().leaseTransitions).toBe(1)
    expect(leader!.controller.status().inForce?.weight).toBe(100)
    for (const { controller, alerts } of followers) {
      expect(controller.status()).toMatchObject({ inForce: null, drift: null, heldBy: null, internalErrors: {} })
      expect(alerts).toEqual([])
    }
  })

  it('have a next leader within four seconds after the first was closed, which goes on in the same step', async () => {
    const [leader, ...followers] = await started(3)
    const before = followers[0]!.clock.elapsed()
    void leader!.controller.close()
    await inTime(() => followers.some(({ leads }) => leads()))
    expect(followers[0]!.clock.elapsed() - before).toBeLessThanOrEqual(4 * SECOND)
    expect([headNow().state.step, canary()]).toEqual([1, 10])
    await inTime(() => followers.every((one) => stateOf(one) === 'promoted') && canary() === 100)
    expect(followers.filter(({ leads }) => leads())).toHaveLength(1)
    expect(leaseNow().leaseTransitions).toBe(2)
  })

  it('have a next leader once the lease of a killed one has run out, not before', async () => {
    const [leader, ...followers] = await started(3)
    leader!.process.stop()
    const before = followers[0]!.clock.elapsed()
    await inTime(() => followers.some(({ leads }) => leads()))
    const tookMs = followers[0]!.clock.elapsed() - before
    expect(tookMs).toBeGreaterThanOrEqual(7 * SECOND) // it was renewed up to 3 s before
    expect(tookMs).toBeLessThanOrEqual(14 * SECOND)
    await inTime(() => followers.every((one) => stateOf(one) === 'promoted') && canary() === 100)
    expect(fencesNow()).toEqual([2, 2])
  })

  it('send the rollback of a follower to the route at once', async () => {
    const [leader, follower] = await started(3)
    const before = replicas.map(({ clock }) => clock.elapsed())
    await follower!.controller.rollback({ reason: 'a person saw it' })
    expect(canary()).toBe(0)
    expect(replicas.map(({ clock }) => clock.elapsed())).toEqual(before)
    await inTime(() => stateOf(leader!) === 'rolled-back')
    expect([canary(), leader!.controller.status().drift]).toEqual([0, null])
  })
})

describe('a leader that was stopped, and wakes when another one leads', () => {
  it('does not store the step that it had decided', async () => {
    const [former, next] = await started(2)
    next!.stopCounting()
    former!.process.stopBefore((plural, text) => plural === 'configmaps' && stepIn(text) === 2)
    await inTime(() => former!.process.isStopped && next!.leads())
    const { tag } = headNow()
    former!.process.wake()
    await until(() => !former!.leads() || headNow().tag !== tag)
    former!.process.hear()
    expect([headNow().tag, headNow().state.step, canary()]).toEqual([tag, 1, 10])
    expect(former!.controller.status()).toMatchObject({ step: 1, weight: 10 })
  })

  it('does not give the route the share that it had stored', async () => {
    const [former, next] = await started(2)
    former!.process.stopBefore((plural) => plural === 'virtualservices')
    await inTime(() => former!.process.isStopped && next!.leads() && canary() === 50)
    expect(fencesNow()).toEqual([2, 2])
    await next!.controller.rollback({ reason: 'seen by a person' })
    former!.process.wake()
    await until(() => former!.alerts.length > 0)
    expect(former!.alerts[0]).toMatch(/a later leader \(fence 2\) has applied 0 %; 50 % of fence 1 is not written/)
    former!.process.hear()
    await inTime(() => stateOf(former!) === 'rolled-back' && !former!.leads())
    expect(canary()).toBe(0)
    expect(former!.controller.status()).toMatchObject({ drift: null })
  })
})

describe('a controller that is restarted with another plan', () => {
  /** Closes the first controller in its first step, and starts one with another plan. */
  async function restarted(options: Partial<ControllerOptions> = {}): Promise<Replica> {
    const [first] = await started(1)
    const closing = first!.controller.close()
    const second = replica({ plan: planOf([10, 100]), ...options })
    replicas.splice(0, 1, second)
    await closing
    await second.controller.start()
    return second
  }

  it('keeps the share, does not judge, and says what to do', async () => {
    const second = await restarted()
    await inTime(() => second.clock.elapsed() > 60 * SECOND)
    expect([canary(), headNow().state.step, second.leads()]).toEqual([10, 1, false])
    expect(second.alerts).toEqual([expect.stringContaining("onNewConfig: 'supersede'")])
    await second.controller.rollback({ reason: 'to begin anew' })
    expect(canary()).toBe(0)
  })

  it('goes on by its own plan after thirty seconds, where that is wanted', async () => {
    const second = await restarted({ onNewConfig: 'supersede' })
    await inTime(() => second.leads())
    expect(second.clock.elapsed()).toBeGreaterThanOrEqual(30 * SECOND)
    await inTime(() => stateOf(second) === 'promoted' && canary() === 100)
    expect(second.controller.status()).toMatchObject({ steps: [{ weight: 10 }, { weight: 100 }], drift: null })
  })
})
