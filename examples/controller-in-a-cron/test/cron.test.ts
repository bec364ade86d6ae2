import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome, Variant } from '@model-canary/core'
import { folderStore } from '@model-canary/core/folder-store'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { countsPath } from '../src/counts-file.js'
import { storePath } from '../src/rollout.js'
import { createService } from '../src/service.js'
import { readWeights } from '../src/weights-file.js'
import { runCron } from './cron-process.js'

const MINUTE_MS = 60_000
const NOON = Date.UTC(2026, 10, 23, 12)
const KEYS = Array.from({ length: 2_500 }, (_, index) => `user-${index}`)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canary-cron-'))
})
afterEach(() => rm(folder, { recursive: true }))

const never = new AbortController().signal
const weight = async () => (await readWeights(folder))?.weight
const state = async () => (await folderStore(storePath(folder)).load(never))?.head.status

/** Runs cron once a minute with a minute of traffic after it; answers the weight after each run. */
async function minutes(count: number, model: (variant: Variant, key: string) => Outcome, startMs = NOON) {
  const service = await createService(folder, model)
  const weights: unknown[] = []
  for (let minute = 0; minute < count; minute += 1) {
    await runCron(folder, startMs + minute * MINUTE_MS)
    weights.push(await weight())
    await service.serve(KEYS)
  }
  return weights
}

const works = (): Outcome => 'success'
const failsOften = (variant: Variant, key: string): Outcome =>
  variant === 'canary' && key.endsWith('7') ? 'error' : 'success'

it('promotes a good canary over seven runs of the program, two minutes a step', async () => {
  expect(await minutes(7, works)).toEqual([10, 10, 50, 50, 90, 90, 100])
  expect(await state()).toBe('promoted')
})

it('rolls a bad canary back at the first look, says why, and stays there', async () => {
  expect(await minutes(4, failsOften)).toEqual([10, 0, 0, 0])
  const { stdout } = await runCron(folder, NOON + 4 * MINUTE_MS)
  expect(stdout).toContain('is rolled-back at 0 %')
  expect(stdout).toContain('errorRate: error rate')
})

it('counts an hour without cron as two minutes', async () => {
  await minutes(1, works)
  await runCron(folder, NOON + 60 * MINUTE_MS)
  const counted = (await folderStore(storePath(folder)).load(never))?.body?.state.elapsedInStepMs
  expect(counted).toBeGreaterThanOrEqual(2 * MINUTE_MS)
  expect(counted).toBeLessThan(3 * MINUTE_MS) // what the program itself took comes on top
  expect(await weight()).toBe(10)
})

it('holds, and says so, while the counts cannot be read', async () => {
  await minutes(1, works)
  await writeFile(countsPath(folder), '{"epoch":1,"weight":10}')
  const { stderr } = await runCron(folder, NOON + MINUTE_MS)
  expect(stderr).toContain('[SOURCE_FAILED]')
  expect(await state()).toBe('progressing')
  expect(await weight()).toBe(10)
})

it('moves once when three programs run at the same time', async () => {
  await minutes(2, works)
  const at = NOON + 2 * MINUTE_MS
  await Promise.all([runCron(folder, at), runCron(folder, at), runCron(folder, at)])
  const stored = await folderStore(storePath(folder)).load(never)
  expect(stored?.history.filter(({ action }) => action === 'advance').map(({ now }) => now.weight)).toEqual([10, 50])
})

it('begins one rollout when the first three programs run at the same time', async () => {
  await Promise.all([runCron(folder, NOON), runCron(folder, NOON), runCron(folder, NOON)])
  const stored = await folderStore(storePath(folder)).load(never)
  expect(stored?.head.route.epoch).toBe(1)
  expect(stored?.history.filter(({ action }) => action === 'start')).toHaveLength(1)
})

it('goes on after a run was killed in another container, where it cannot be seen to have ended', async () => {
  await minutes(2, works)
  // this process has not ended, so the lease runs out only because nobody renews it
  await folderStore(storePath(folder)).fleet?.lease({ id: 'killed', ttlMs: 10_000, leastFence: 0 }, never)
  await runCron(folder, NOON + 2 * MINUTE_MS)
  expect(await weight()).toBe(50)
})
