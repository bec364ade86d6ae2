import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Status } from '@model-canary/core'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Sent, startTraffic, type Traffic } from '../src/traffic.js'
import { type Cluster, PATIENCE, startCluster } from './cluster.js'

interface Health {
  readonly pid: number
  readonly leads: boolean
}

const RATE = 100

let folder: string
let cluster: Cluster | undefined
let traffic: Traffic | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canary-cluster-'))
})
afterEach(async () => {
  await traffic?.stop()
  await cluster?.stop()
  await rm(folder, { recursive: true })
})

async function started(): Promise<Cluster> {
  cluster = await startCluster(folder)
  return cluster
}

const failedIn = (sent: readonly Sent[]): readonly Sent[] => sent.filter(({ result }) => result !== 200)
const isAt =
  (step: number) =>
  (status: Status): boolean =>
    status.step >= step
const placesOf = (statuses: readonly Status[]): ReadonlySet<string> =>
  new Set(statuses.map(({ epoch, state, step, weight }) => `${epoch} ${state} ${step} ${weight}`))

/** Resolves to the process that judges, once exactly one says so. */
const leaderOf = (running: Cluster): Promise<number> =>
  vi.waitUntil(async () => {
    const leaders = (await running.fromEach<Health>('/health')).filter(({ body }) => body.leads)
    return leaders.length === 1 && leaders[0]!.body.pid
  }, PATIENCE) as Promise<number>

it('runs one rollout in four workers, over a killed leader and a restart of all of them', async () => {
  const first = await started()
  await first.statuses(({ weight }) => weight > 0)
  await first.post('pause') // so that no step ends while its requests are compared
  await first.statuses(({ state }) => state === 'paused')
  const few = startTraffic({ origin: first.origin, rate: RATE })
  await vi.waitUntil(() => few.sent.length >= RATE, PATIENCE)
  await few.stop()
  expect(new Set(few.sent.map(({ worker }) => worker)).size).toBe(4)
  const together = await first.statuses(({ requests }) => requests.baseline + requests.canary === few.sent.length)
  expect(placesOf(together)).toEqual(new Set(['1 paused 0 10']))

  const { step, epoch } = together[0]!
  expect(await first.post('resume', { expectedStep: { step, epoch } })).toMatchObject({ status: 200 })
  traffic = startTraffic({ origin: first.origin, rate: RATE })
  await first.statuses(isAt(1))
  const leader = await leaderOf(first)
  const killAt = Date.now()
  process.kill(leader, 'SIGKILL')
  await vi.waitUntil(() => first.output().includes(`worker ${leader} has ended: SIGKILL`), PATIENCE)
  const goneAt = Date.now()
  await vi.waitUntil(async () => (await leaderOf(first)) !== leader, PATIENCE)
  await first.statuses(isAt(2))
  await traffic.stop()
  // the requests that were pending in the killed worker, or on their way to it
  const isCut = ({ startedAt, endedAt }: Sent): boolean => endedAt >= killAt && startedAt <= goneAt
  expect(failedIn(traffic.sent).filter((sent) => !isCut(sent))).toEqual([])

  const [before] = await first.statuses(({ state }) => state === 'progressing')
  expect(await first.stop()).toBe(0)
  const second = await started()
  const after = await second.statuses(({ state }) => state === 'progressing')
  expect(placesOf(after)).toEqual(placesOf([before!]))
})

it('serves no canary after a rollback through any worker, nor after all workers were replaced', async () => {
  const running = await started()
  traffic = startTraffic({ origin: running.origin, rate: RATE })
  await vi.waitUntil(() => traffic!.sent.some(({ version }) => version === 'v2'), PATIENCE)
  expect((await running.post('rollback')).status).toBe(200)
  await running.statuses(({ state, weight }) => state === 'rolled-back' && weight === 0)
  const knownAt = Date.now()

  const before = new Set((await running.fromEach<Health>('/health')).map(({ body }) => body.pid))
  running.child.kill('SIGHUP')
  await vi.waitUntil(() => running.output().includes('all workers are replaced'), PATIENCE)
  const after = await running.fromEach<Health>('/health')
  expect(after.filter(({ body }) => before.has(body.pid))).toEqual([])
  await running.statuses(({ state, weight }) => state === 'rolled-back' && weight === 0)
  await traffic.stop()
  expect(failedIn(traffic.sent)).toEqual([])
  expect(traffic.sent.filter(({ startedAt, version }) => startedAt > knownAt && version !== 'v1')).toEqual([])
})
