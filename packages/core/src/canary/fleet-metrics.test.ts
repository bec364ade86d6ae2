import { manualClock } from '@model-canary/testing'
import { expect, expectTypeOf, it, vi } from 'vitest'
import type { Variant } from '../foundation/vocabulary.js'
import type { VersionMetrics } from '../summaries/version-metrics.js'
import type { Canary } from './canary.js'
import { createCanary } from './create-canary.js'
import { type FleetWorld, fleetWorld } from './fleet.fixture.js'

const judging = { plan: [10, 50, 100], warmUp: { durationMs: 0 }, bake: { durationMs: 0 } }

async function started(count: number): Promise<FleetWorld> {
  const world = fleetWorld(count, judging)
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  await world.clock.advance(2_000) // the first step has begun in all of them
  return world
}

/** Calls with latencies, classes, scores and metrics that differ; the sums of their numbers are exact. */
const CALLS = Array.from({ length: 400 }, (_, index) => ({
  variant: (index % 5 === 0 ? 'canary' : 'baseline') as Variant,
  durationMs: 1 + ((index * 7) % 190),
  outcome: index % 23 === 0 ? ('error' as const) : ('success' as const),
  prediction: `class ${index % 6}`,
  score: (index % 16) / 16,
  metrics: { price: index % 9 },
}))

const alone = (clock = manualClock()) =>
  createCanary({
    ...{ name: 'sentiment', versions: { baseline: 'v1', canary: 'v2' }, logger: false, clock },
    ...judging,
  })

const metricsOfAll = async ({ clock }: FleetWorld, canary: Canary) => {
  const metrics = canary.metrics({ scope: 'fleet' })
  await Promise.allSettled([metrics, clock.advance(0)])
  return metrics
}

it('returns for eight processes what one process returns for the same calls', async () => {
  const clock = manualClock()
  const one = alone(clock)
  await one.start()
  await clock.advance(2_000)
  for (const call of CALLS) one.record(call)
  const expected = one.metrics({ window: 'step' })
  expect(expected.v2).toMatchObject({ requestCount: 80, predictionDistribution: { 'class 0': expect.any(Number) } })

  const eight = await started(8)
  for (const [index, call] of CALLS.entries()) eight.replicas[index % 8]!.canary.record(call)
  await eight.clock.advance(1_000)
  for (const { canary } of eight.replicas) expect(await metricsOfAll(eight, canary)).toEqual(expected)
})

it('has the calls of this process up to now, and those of others up to their last report, the dead included', async () => {
  const world = await started(2)
  const [one, other] = world.replicas
  const request = { variant: 'baseline', durationMs: 1, outcome: 'success' } as const
  other!.canary.record(request)
  await world.clock.advance(2_000)
  other!.canary.record(request)
  one!.canary.record(request)
  expect((await metricsOfAll(world, one!.canary)).v1).toMatchObject({ requestCount: 2 })
  other!.kill()
  await world.clock.advance(120_000)
  expect((await metricsOfAll(world, one!.canary)).v1).toMatchObject({ requestCount: 2 })
  expect(one!.canary.metrics().v1).toMatchObject({ requestCount: 1 })
})

it('reads once for calls that come together, and then only the reports that are new', async () => {
  const world = await started(3)
  await world.serve(1, 2)
  const { canary } = world.replicas[0]!
  const read: number[] = []
  const collect = world.store.fleet!.collect
  vi.spyOn(world.store.fleet!, 'collect').mockImplementation(async (...asked) => {
    const page = await collect(...asked)
    read.push(page.reports.length)
    return page
  })
  const both = Promise.all([canary.metrics({ scope: 'fleet' }), canary.metrics({ scope: 'fleet' })])
  await world.clock.advance(0)
  await both
  expect(read).toEqual([3])
  await metricsOfAll(world, canary)
  expect(read).toEqual([3, 1]) // its own, which it has just reported
})

it('says that a store keeps no reports, or that it failed', async () => {
  await expect(alone().metrics({ scope: 'fleet' })).rejects.toMatchObject({ code: 'NOT_SHARED' })
  const world = await started(2)
  world.replicas[0]!.line = 'down'
  await expect(metricsOfAll(world, world.replicas[0]!.canary)).rejects.toMatchObject({ code: 'STORE_FAILED' })
})

it('refuses another scope, and a window of which there are no reports', async () => {
  const { canary } = (await started(1)).replicas[0]!
  // @ts-expect-error no such scope
  expect(() => canary.metrics({ scope: 'all' })).toThrow("scope must be 'process' or 'fleet'")
  // @ts-expect-error reports are kept by step
  expect(() => canary.metrics({ scope: 'fleet', window: 'rollout' })).toThrow("window must be 'step'")
})

it('has the types of the versions', () => {
  const canary = null as unknown as Canary<'v1' | 'v2'>
  const fleet = () => canary.metrics({ scope: 'fleet' })
  const process = () => canary.metrics({ window: 'step' })
  expectTypeOf(fleet).returns.resolves.toEqualTypeOf<Readonly<Record<'v1' | 'v2', VersionMetrics>>>()
  expectTypeOf(process).returns.toEqualTypeOf<Readonly<Record<'v1' | 'v2', VersionMetrics>>>()
})
