import { type Canary, createCanary } from '@model-canary/core'
import type { Head, StateStore } from '@model-canary/core/controller'
import { expect, vi } from 'vitest'

const never = new AbortController().signal
const PATIENCE = { timeout: 15_000, interval: 20 }
const REPORT_MS = 1_500

/** A canary of this library, and what its alerts say. */
interface Process {
  readonly canary: Canary
  readonly alerts: readonly string[]
}

type Open = () => StateStore | Promise<StateStore>

function processOn(store: StateStore): Process {
  const canary = createCanary({
    ...{ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, store, logger: false },
    ...{ plan: [10, 50, 100], warmUp: { durationMs: 0 }, intervalMs: 250 },
  })
  const alerts: string[] = []
  canary.on('alert', ({ about, message }) => about !== 'no-data' && alerts.push(`${about}: ${message}`))
  return { canary, alerts }
}

/** Two processes at 10 %, each with a store of its own over the same place, and the store of a later library's process. */
async function createScene(open: Open) {
  const stores: StateStore[] = []
  const opened = async (): Promise<StateStore> => {
    stores.push(await open())
    return stores.at(-1)!
  }
  const store = await opened()
  const processes = [processOn(await opened()), processOn(await opened())]
  const late = processOn(await opened())
  const headNow = async (): Promise<Head> => (await store.load(never))!.head
  return {
    ...{ processes, late, store, headNow },
    async start() {
      for (const { canary } of processes) await canary.start()
      await vi.waitUntil(() => processes.every(({ canary }) => canary.status().weight === 10), PATIENCE)
    },
    /** Writes a head as a later library does. */
    async write(change: (head: Head) => object): Promise<Head> {
      for (let at = 1; ; at += 1) {
        const head = await headNow()
        const next = { ...head, ...change(head), rev: head.rev + 1, tag: `later.${at}` } as Head
        if ((await store.write({ expect: head.tag, head: next }, never)).kind === 'written') return next
      }
    },
    weights: () => processes.map(({ canary }) => canary.status().weight),
    async close() {
      for (const { canary } of [...processes, late]) await canary.close()
      for (const each of stores) await each.close()
    },
  }
}

/** Returns a rule about a scene, which is closed before the place of its stores is removed. */
const inScene =
  (act: (scene: Awaited<ReturnType<typeof createScene>>) => Promise<void>) =>
  async (open: Open): Promise<void> => {
    const scene = await createScene(open)
    try {
      await scene.start()
      await act(scene)
    } finally {
      await scene.close()
    }
  }

/** Waits until each process has reported, and looked, more than once. */
const reported = async (): Promise<void> => {
  const from = performance.now()
  await vi.waitUntil(() => performance.now() - from > 2 * REPORT_MS, PATIENCE)
}

/** What holds for records that a later version of this library has written, over any store with reports. */
export const laterRecordRules: Readonly<
  Record<string, (open: () => StateStore | Promise<StateStore>) => Promise<void>>
> = {
  'a head of a later schema changes nothing, is told once by each process, and stays as it is': inScene(
    async ({ processes, late, headNow, write, weights }) => {
      const later = await write(({ route }) => ({
        schema: 2,
        plan: { of: 'another form' },
        route: { ...route, weight: 60 },
      }))
      await vi.waitUntil(() => processes.every(({ alerts }) => alerts.length > 0), PATIENCE)
      await reported()
      expect(weights()).toEqual([10, 10])
      for (const { alerts } of processes) expect(alerts).toEqual([expect.stringMatching(/^store: .*newer release/)])
      expect(await headNow()).toEqual(later)
      await expect(late.canary.start()).rejects.toMatchObject({ code: 'INVALID_STATE' })
      expect(await headNow()).toEqual(later)
    },
  ),

  'a head with a guardrail of an unknown kind is followed and not judged, and each process says so once': inScene(
    async ({ processes, headNow, write, weights }) => {
      const guardrails = [{ kind: 'fairness', name: 'fairness', margin: 0.1 }] as never
      const later = await write(({ state, route }) => ({
        ...{ config: 'of a later library', guardrails },
        ...{ route: { ...route, weight: 50, step: 2 }, state: { ...state, weight: 50, step: 2 } },
      }))
      await vi.waitUntil(() => weights().every((weight) => weight === 50), PATIENCE)
      await reported()
      for (const { alerts } of processes) expect(alerts).toEqual([expect.stringMatching(/^config: /)])
      expect(processes.map(({ canary }) => canary.status().members?.leader)).not.toContain('this process')
      expect(await headNow()).toEqual(later)
      await expect(processes[0]!.canary.promote()).rejects.toMatchObject({ code: 'OTHER_CONFIG' })
      await processes[0]!.canary.rollback()
      await vi.waitUntil(() => weights().every((weight) => weight === 0), PATIENCE)
      expect((await headNow()).guardrails).toEqual(guardrails)
    },
  ),

  'unknown members of a head are still there after a process has written it': inScene(
    async ({ processes, headNow, write, weights }) => {
      await write(({ state }) => ({ budget: { spent: 0.2 }, state: { ...state, mood: 'good' } }))
      await processes[1]!.canary.rollback()
      await vi.waitUntil(() => weights().every((weight) => weight === 0), PATIENCE)
      expect(await headNow()).toMatchObject({
        ...{ budget: { spent: 0.2 }, status: 'rolled-back' },
        state: { mood: 'good', state: 'rolled-back' },
      })
      for (const { alerts } of processes) expect(alerts).toEqual([])
    },
  ),

  'a report of a later form is left out, which one process says once, and its member is listed': inScene(
    async ({ processes, store, headNow, weights }) => {
      const { route, tag } = await headNow()
      const member = { id: 'later', library: '9.0.0', config: 'c', isWarm: true, tag, weight: 10, gpu: 'h100' }
      for (let seq = 1; seq <= 3; seq += 1) {
        await store.fleet!.publish(
          { ...route, id: 'later', seq, fast: '~9 of another form', slow: '~', member },
          tag,
          never,
        )
        for (const { canary } of processes) canary.begin({ key: `${seq}` }).end({ outcome: 'success' })
        await reported()
      }
      const told = processes.flatMap(({ alerts }) => alerts)
      expect(told).toEqual([expect.stringMatching(/the latest counts of process later cannot be read/)])
      expect(weights()).toEqual([10, 10])
      const counted = processes.map(({ canary }) => canary.status().requests)
      expect(Math.max(...counted.map(({ baseline, canary }) => baseline + canary))).toBe(6)
      await vi.waitUntil(() => processes.every(({ canary }) => canary.status().members?.count === 3), PATIENCE)
    },
  ),
}
