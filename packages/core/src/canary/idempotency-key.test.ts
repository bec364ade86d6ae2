import { expect, it } from 'vitest'
import { stage } from '../serving/stage.fixture.js'
import { fleetWorld } from './fleet.fixture.js'

const KEY = '0c5b7f3e-5a43-4d53-9c26-8f6a1b1f0d11'

it('carries a verb out once for each key', async () => {
  const { canary } = await stage({ plan: [10, 20, 50, 100] })
  const before = canary.status().step
  await canary.promote({ idempotencyKey: KEY })
  const first = canary.status()
  expect(first.step).toBe(before + 1)
  expect((await canary.promote({ idempotencyKey: KEY })).step).toBe(before + 1)
  expect((await canary.history())[0]).toMatchObject({ action: 'advance', idempotencyKey: KEY })
  expect((await canary.promote({ idempotencyKey: `${KEY}-2` })).step).toBe(before + 2)
})

it('answers a second rollback with the same key as the first, not that the rollout has ended', async () => {
  const { canary } = await stage()
  await canary.rollback({ idempotencyKey: KEY })
  expect(await canary.rollback({ idempotencyKey: KEY })).toMatchObject({ state: 'rolled-back' })
  await expect(canary.rollback({ idempotencyKey: 'another' })).rejects.toMatchObject({ code: 'TERMINAL' })
})

it('takes the same key for another verb as another request', async () => {
  const { canary } = await stage()
  await canary.pause({ idempotencyKey: KEY })
  expect(await canary.resume({ idempotencyKey: KEY })).toMatchObject({ state: 'progressing' })
})

it('carries a verb out once, whichever process gets it, also at the same moment', async () => {
  const world = fleetWorld(3, { plan: [10, 20, 50, 100], warmUp: { durationMs: 0 }, bake: { durationMs: 0 } })
  await Promise.all(world.replicas.map(({ canary }) => canary.start()))
  await world.serve(1, 3)
  expect(world.replicas.map(({ canary }) => canary.status().step)).toEqual([1, 1, 1])
  const promoted = world.replicas.map(({ canary }) => canary.promote({ idempotencyKey: KEY }))
  await world.clock.advance(1_000)
  expect((await Promise.all(promoted)).map(({ step }) => step)).toEqual([2, 2, 2])
  await world.serve(1, 3)
  await world.replicas[2]!.canary.promote({ idempotencyKey: KEY })
  expect(world.replicas.map(({ canary }) => canary.status().step)).toEqual([2, 2, 2])
})

it.each(['', 'x'.repeat(65), 'a\nb', 7])('refuses the key %j', async (idempotencyKey) => {
  const { canary } = await stage()
  await expect(canary.pause({ idempotencyKey: idempotencyKey as string })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
  })
})
