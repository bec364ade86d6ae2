import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { linearPlan } from '@model-canary/core'
import { createController, idleState, type StoredRollout } from '@model-canary/core/controller'
import { emptySummary } from '@model-canary/core/judge'
import { storeContract } from '@model-canary/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fileStore } from '../src/file-store.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canary-store-'))
})
afterEach(() => rm(folder, { recursive: true }))

const noNews = 'a process that lives for one round waits for no news'
const register = Object.assign((name: string, body: () => Promise<void>) => it(name, body), { skip: () => {} })
storeContract({ it: register }, 'fileStore', () => ({ open: () => fileStore(folder) }), {
  skip: [
    { test: 'tells a subscriber of every write, with what was written', reason: noNews },
    { test: 'tells a subscriber of its own writes as well', reason: noNews },
    { test: 'tells nobody of a write that it refused', reason: noNews },
    { test: 'tells nothing after a subscription has ended', reason: noNews },
    { test: 'tells nothing after close()', reason: noNews },
  ],
})

const rollout = (revision: number, savedAt = 0): StoredRollout => ({
  schema: 1,
  name: 'stored',
  versions: { baseline: 'v1', canary: 'v2' },
  weights: [100],
  revision,
  savedAt,
  openedAt: 0,
  state: idleState,
  guardrails: [],
  evidence: null,
  calibration: {},
  cumulative: null,
  checks: [],
  history: [],
  turns: [],
})

it('holds nothing at first, and then what was written last', async () => {
  const store = fileStore(folder)
  expect(await store.load()).toBeUndefined()
  expect(await store.compareAndSet(rollout(1), 0)).toBe(true)
  expect(await store.compareAndSet(rollout(2, 77), 1)).toBe(true)
  expect(await fileStore(folder).load()).toEqual(rollout(2, 77))
})

it('refuses a write that expects another revision', async () => {
  const store = fileStore(folder)
  await store.compareAndSet(rollout(1), 0)
  expect(await store.compareAndSet(rollout(1, 5), 0)).toBe(false)
  expect(await store.compareAndSet(rollout(3, 5), 2)).toBe(false)
  expect(await store.load()).toEqual(rollout(1))
})

it('lets exactly one of thirty writers win', async () => {
  const won = await Promise.all(
    Array.from({ length: 30 }, (_, savedAt) => fileStore(folder).compareAndSet(rollout(1, savedAt), 0)),
  )
  expect(won.filter(Boolean)).toHaveLength(1)
  expect((await fileStore(folder).load())?.savedAt).toBe(won.indexOf(true))
})

it('keeps twenty revisions and no drafts', async () => {
  const store = fileStore(folder)
  for (let revision = 1; revision <= 25; revision += 1) await store.compareAndSet(rollout(revision), revision - 1)
  const names = await readdir(folder)
  expect(names).toHaveLength(20)
  expect(names.every((name) => name.endsWith('.json'))).toBe(true)
})

it('lets two controllers that begin in the same moment make one rollout', async () => {
  const decided: string[] = []
  const controllers = ['a', 'b'].map(() => {
    const controller = createController({
      name: 'stored',
      plan: linearPlan([10, 100]),
      warmUp: { durationMs: 0 },
      source: { read: async () => ({ baseline: emptySummary(), canary: emptySummary() }) },
      target: { apply: async () => {} },
      store: fileStore(folder),
    })
    controller.on('decision', ({ action }) => decided.push(action))
    return controller
  })
  const turns = await Promise.all(controllers.map((controller) => controller.evaluate()))
  expect(turns.map(({ epoch, internalErrors }) => [epoch, internalErrors])).toEqual([
    [1, {}],
    [1, {}],
  ])
  expect(decided.filter((action) => action === 'start')).toHaveLength(1)
  await Promise.all(controllers.map((controller) => controller.close()))
  expect((await fileStore(folder).load())?.state.epoch).toBe(1)
})
