import { manualClock } from '@model-canary/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createController } from '../controller/controller.js'
import { memoryStore } from '../controller/memory-store.js'
import type { CanaryOptions } from './canary-options.js'
import { createCanary } from './create-canary.js'

const printed = vi.spyOn(console, 'warn').mockImplementation(() => {})
beforeEach(() => {
  printed.mockClear()
  vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.0.0.1')
})
afterEach(() => void vi.unstubAllEnvs())

const SHARED = { name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' } } as const
const SILENT = { logger: false } as const

async function alertsOf(options: Partial<CanaryOptions> = {}): Promise<readonly string[]> {
  const canary = createCanary({ ...SHARED, clock: manualClock(), ...options })
  const alerts: string[] = []
  canary.on('alert', ({ about, message }) => alerts.push(`${about}: ${message.split(' ')[0]}`))
  await canary.start()
  await canary.start()
  await canary.close()
  return alerts
}

it('tells of a rollout in memory where several processes are likely, once', async () => {
  expect(await alertsOf(SILENT)).toEqual(['store: [PROCESS_ALONE]'])
})

it('tells nothing if a store was passed, or one process is likely', async () => {
  expect(await alertsOf({ ...SILENT, store: memoryStore() })).toEqual([])
  vi.stubEnv('KUBERNETES_SERVICE_HOST', '')
  expect(await alertsOf(SILENT)).toEqual([])
})

it('tells in production that a restart forgets the rollout, once, unless the store says that this is intended', async () => {
  vi.stubEnv('KUBERNETES_SERVICE_HOST', '')
  expect(await alertsOf(SILENT)).toEqual([])
  vi.stubEnv('NODE_ENV', 'production')
  expect(await alertsOf(SILENT)).toEqual(['store: [STORE_FORGETS]'])
  expect(await alertsOf({ ...SILENT, store: memoryStore() })).toEqual([])
  vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.0.0.1') // one notice about the store is enough
  expect(await alertsOf(SILENT)).toEqual(['store: [PROCESS_ALONE]'])
})

it('tells nothing of a controller, which reads the counts of all processes', async () => {
  const controller = createController({
    ...SHARED,
    ...SILENT,
    clock: manualClock(),
    source: { read: async () => 'no-data' },
    target: { apply: async () => {} },
  })
  const alerts: string[] = []
  controller.on('alert', ({ message }) => alerts.push(message))
  await controller.start()
  await controller.close()
  expect(alerts).toEqual([])
})

it('logs the notice with a logger, and prints nothing itself', async () => {
  const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  await alertsOf({ logger })
  expect(logger.warn.mock.calls).toEqual([[expect.stringContaining('store: [PROCESS_ALONE] this process')]])
  expect(printed).not.toHaveBeenCalled()
})

it('prints nothing with logger: false', async () => {
  await alertsOf(SILENT)
  expect(printed).not.toHaveBeenCalled()
})

it('prints one line for two canaries without a logger', async () => {
  await alertsOf()
  await alertsOf()
  expect(printed.mock.calls).toEqual([[expect.stringMatching(/^\[canary sentiment\] decisions are not logged: /)]])
})
