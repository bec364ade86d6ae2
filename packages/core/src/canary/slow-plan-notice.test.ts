import { type ManualClock, manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import { createController } from '../controller/controller.js'
import { memoryStore } from '../controller/memory-store.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { thresholdJudge } from '../judging/threshold-judge.js'
import type { CanaryEvents } from '../runtime/events.js'
import type { Canary } from './canary.js'
import type { CanaryOptions } from './canary-options.js'
import { createCanary } from './create-canary.js'

const MINUTE = 60_000
const versions = { baseline: 'v1', canary: 'v2' } as const
const given = { name: 'sentiment', versions, logger: false, guardrails: [errorRate({ margin: 0.005 })] } as const

/** Lets the baseline answer at this rate for a time, with an error in each hundred. */
async function serve(canary: Canary, clock: ManualClock, perSecond: number, forMs: number): Promise<void> {
  const everyMs = 1_000 / perSecond
  for (let call = 1; call * everyMs <= forMs; call += 1) {
    await clock.advance(everyMs)
    canary.record({ variant: 'baseline', durationMs: 20, outcome: call % 100 === 0 ? 'error' : 'success' })
  }
}

/** Returns the alerts about the plan at `start()`, after some traffic or without any. */
async function alertsAfter(
  traffic?: readonly [perSecond: number, forMs: number],
  options: Partial<CanaryOptions> = {},
) {
  const clock = manualClock()
  const canary = createCanary({ ...given, store: memoryStore(), clock, ...options })
  const alerts: CanaryEvents['alert'][] = []
  canary.on('alert', (alert) => void (alert.about === 'plan' && alerts.push(alert)))
  await clock.advance(MINUTE) // no request yet
  if (traffic) await serve(canary, clock, ...traffic)
  await canary.start()
  await canary.start()
  await canary.close()
  return alerts
}

describe('at start(), after traffic of the baseline', () => {
  it('tells that the plan takes longer than a day at .2 requests a second', async () => {
    const alerts = await alertsAfter([0.2, 20 * MINUTE])
    expect(alerts).toHaveLength(1)
    expect(alerts[0]!.message).toMatch(
      /^at 0\.2 requests a second, as seen before the start, .* with this plan; shorter/,
    )
    expect(alerts[0]!.plan!.requestsPerSecond).toBeCloseTo(0.2, 2)
    expect(alerts[0]!.plan!.expectedMs).toBeGreaterThan(24 * 60 * MINUTE)
    expect(alerts[0]!.plan!.shorter[0]!.savedMs).toBeGreaterThan(0)
  })

  it.each([
    ['at 50 requests a second', [50, 11 * MINUTE]],
    ['after nine minutes', [0.2, 9 * MINUTE]],
    ['after eight requests in an hour', [1 / 450, 60 * MINUTE]],
    ['without traffic', undefined],
  ] as const)('tells nothing %s', async (_, traffic) => {
    expect(await alertsAfter(traffic)).toEqual([])
  })

  it('tells nothing with a judge that does not learn from the baseline: its times are not known', async () => {
    expect(await alertsAfter([0.2, 20 * MINUTE], { judge: thresholdJudge() })).toEqual([])
  })
})

it('tells nothing of a rollout that has ended', async () => {
  const clock = manualClock()
  const store = memoryStore()
  const before = createCanary({ ...given, store, clock })
  await before.start()
  await before.rollback()
  await before.close()
  const canary = createCanary({ ...given, store, clock })
  const abouts: string[] = []
  canary.on('alert', ({ about }) => void abouts.push(about))
  await serve(canary, clock, 0.2, 20 * MINUTE)
  await canary.start()
  await canary.close()
  expect(abouts).toContain('not-started')
  expect(abouts).not.toContain('plan')
})

it('tells nothing of a source outside of this process', async () => {
  const controller = createController({
    ...given,
    clock: manualClock(),
    source: { read: async () => 'no-data' },
    target: { apply: async () => {} },
  })
  const abouts: string[] = []
  controller.on('alert', ({ about }) => void abouts.push(about))
  await controller.start()
  await controller.close()
  expect(abouts).toEqual([])
})
