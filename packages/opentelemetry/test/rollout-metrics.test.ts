import { createCanary, errorRate, isCanaryError, linearPlan } from '@model-canary/core'
import { openTelemetryMetrics } from '@model-canary/opentelemetry'
import { manualClock } from '@model-canary/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTelemetry, pointsOf } from './telemetry.fixture.js'

let telemetry: ReturnType<typeof createTelemetry>
beforeEach(() => {
  telemetry = createTelemetry()
})
afterEach(() => telemetry.stop())

const make = (name: string) => {
  const clock = manualClock()
  const canary = createCanary({
    name,
    versions: { baseline: 'v1', canary: 'v2' },
    plan: linearPlan([10, 50, 100], { minDurationMs: 60_000, minRequests: 100 }),
    guardrails: [errorRate({ margin: 0.02 })],
    clock,
  })
  return { canary, clock, predict: canary.wrap({ baseline: () => 1, canary: () => 2 }) }
}

const rollout = { 'model_canary.rollout': 'sentiment' }

it('exports the weight as a share, the step, and the current state among all states', async () => {
  const { canary } = make('sentiment')
  openTelemetryMetrics(canary, { meter: telemetry.meter })
  await canary.start()
  await canary.promote()
  const { weight } = canary.status()
  const collected = await telemetry.collect()
  expect(weight).toBeGreaterThan(0)
  expect(pointsOf(collected.get('model_canary.weight'))).toEqual([{ ...rollout, value: weight / 100 }])
  expect(pointsOf(collected.get('model_canary.step'))).toEqual([{ ...rollout, value: canary.status().step }])
  const states = pointsOf(collected.get('model_canary.state')) as { 'model_canary.state': string; value: number }[]
  expect(states.map((point) => point['model_canary.state'])).toEqual([
    'idle',
    'warming',
    'progressing',
    'paused',
    'baking',
    'promoted',
    'rolled-back',
  ])
  expect(states.filter(({ value }) => value === 1).map((point) => point['model_canary.state'])).toEqual(['progressing'])
  await canary.close()
})

it('exports the evidence on each guardrail in both directions, and how much is needed', async () => {
  const { canary, clock, predict } = make('sentiment')
  openTelemetryMetrics(canary, { meter: telemetry.meter })
  await canary.start()
  for (let second = 0; second < 60; second++) {
    for (let i = 0; i < 50; i++) predict()
    await clock.advance(1_000)
  }
  const { evidence } = canary.status().checks[0]!
  const collected = await telemetry.collect()
  const labels = { ...rollout, 'model_canary.guardrail': canary.status().checks[0]!.guardrail }
  const harm = { ...labels, 'model_canary.direction': 'harm' }
  const safety = { ...labels, 'model_canary.direction': 'safety' }
  expect(pointsOf(collected.get('model_canary.evidence'))).toEqual([
    { ...harm, value: evidence!.harm.now },
    { ...safety, value: evidence!.safety.now },
  ])
  expect(pointsOf(collected.get('model_canary.evidence_needed'))).toEqual([
    { ...harm, value: evidence!.harm.needed },
    { ...safety, value: evidence!.safety.needed },
  ])
  await canary.close()
})

it('counts decisions by action and by kind of actor, never by a name or a text', async () => {
  const { canary } = make('sentiment')
  openTelemetryMetrics(canary, { meter: telemetry.meter })
  await canary.start()
  await canary.rollback({ actor: 'ann@example.com', reason: 'she did not like it' })
  const points = pointsOf((await telemetry.collect()).get('model_canary.decisions'))
  expect(points).toEqual([
    { ...rollout, 'model_canary.decision': 'start', 'model_canary.decided_by': 'operator', value: 1 },
    { ...rollout, 'model_canary.decision': 'rollback', 'model_canary.decided_by': 'operator', value: 1 },
  ])
  expect(JSON.stringify(points)).not.toMatch(/ann|like/)
  await canary.close()
})

it('exports two rollouts on one meter', async () => {
  const [first, second] = [make('sentiment'), make('summary')]
  const stops = [first, second].map(({ canary }) => openTelemetryMetrics(canary, { meter: telemetry.meter }))
  expect(pointsOf((await telemetry.collect()).get('model_canary.weight'))).toEqual([
    { 'model_canary.rollout': 'sentiment', value: 0 },
    { 'model_canary.rollout': 'summary', value: 0 },
  ])
  stops[0]!()
  for (const { canary } of [first, second]) {
    await canary.start()
    await canary.promote()
  }
  expect(pointsOf((await telemetry.collect()).get('model_canary.weight'))).toEqual([
    { 'model_canary.rollout': 'sentiment', value: 0 }, // what it was when it was last read: the SDK keeps it
    { 'model_canary.rollout': 'summary', value: 0.1 },
  ])
  await Promise.all([first.canary.close(), second.canary.close()])
})

it('stops when it is closed', async () => {
  const { canary } = make('sentiment')
  const stop = openTelemetryMetrics(canary, { meter: telemetry.meter })
  stop()
  stop()
  await canary.start()
  const collected = await telemetry.collect()
  expect(pointsOf(collected.get('model_canary.weight'))).toEqual([])
  expect(pointsOf(collected.get('model_canary.decisions'))).toEqual([])
  await canary.close()
})

it('exports nothing without an SDK', async () => {
  const { canary } = make('sentiment')
  const stop = openTelemetryMetrics(canary)
  await canary.start()
  stop()
  expect(canary.status().internalErrors).toEqual({})
  await canary.close()
})

it('refuses invalid options', () => {
  const { canary } = make('sentiment')
  const refusal = (options: unknown) => {
    try {
      return openTelemetryMetrics(canary, options as never)
    } catch (error) {
      return error
    }
  }
  expect(isCanaryError(refusal({ metre: telemetry.meter }), 'UNKNOWN_OPTION')).toBe(true)
  expect(isCanaryError(refusal({ meter: {} }), 'INVALID_OPTION')).toBe(true)
})
