import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { linearPlan } from '@model-canary/core'
import { createController } from '@model-canary/core/controller'
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
  hasFleet: false,
  skip: [
    { test: 'tells a follower of every write of another process', reason: noNews },
    { test: 'tells a follower of the writes of its own process', reason: noNews },
    { test: 'tells nobody of a write that it refused', reason: noNews },
    { test: 'tells nothing to a follower that has ended', reason: noNews },
    { test: 'tells nothing after close()', reason: noNews },
  ],
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
  expect((await fileStore(folder).load(new AbortController().signal))?.head.route.epoch).toBe(1)
})
