import { manualClock, seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import type { TargetSplit } from '../rollout/ports.js'
import { createApplier } from './applier.js'

const split = (weight: number, revision: number): TargetSplit => ({ weight, epoch: 1, revision })

/** A target whose calls a test answers by hand, in any order. */
function scene(failing = 0) {
  const clock = manualClock()
  const calls: { readonly weight: number; readonly signal: AbortSignal; readonly land: () => void }[] = []
  const failures: unknown[] = []
  let left = failing
  const apply = async ({ weight }: TargetSplit, signal: AbortSignal) => {
    if (left-- > 0) throw new Error('no route')
    await new Promise<void>((land) => calls.push({ weight, signal, land }))
  }
  const onFailure = (error: unknown) => failures.push(error)
  return {
    clock,
    calls,
    failures,
    applier: createApplier({ target: { apply }, clock, timeoutMs: 1_000, onFailure }),
  }
}

describe('an applier', () => {
  it('resolves to true when the target has taken the split', async () => {
    const { clock, calls, applier } = scene()
    const taken = applier.apply(split(10, 1))
    await clock.advance(0)
    calls[0]!.land()
    expect(await taken).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('tries again after up to 100, 200, 400 ms, and never waits more than 5 s', async () => {
    const { clock, calls, failures, applier } = scene(8)
    const taken = applier.apply(split(10, 1))
    await clock.advance(0)
    const waited: number[] = []
    for (let from = clock.elapsed(); failures.length < 8; from = clock.elapsed()) {
      const tries = failures.length
      while (failures.length === tries) await clock.advance(10)
      waited.push(clock.elapsed() - from)
    }
    const bounds = [100, 200, 400, 800, 1_600, 3_200, 5_000]
    expect(waited).toHaveLength(bounds.length)
    waited.forEach((ms, at) => {
      expect(ms).toBeGreaterThanOrEqual(20)
      expect(ms).toBeLessThanOrEqual(bounds[at]! + 10)
    })
    while (calls.length === 0) await clock.advance(10)
    calls[0]!.land()
    expect(await taken).toBe(true)
  })

  it('gives up on a call that hangs, and makes it again', async () => {
    const { clock, calls, failures, applier } = scene()
    const taken = applier.apply(split(10, 1))
    await clock.advance(1_100)
    expect([calls.length, failures.length]).toEqual([2, 1])
    calls[1]!.land()
    expect(await taken).toBe(true)
  })

  it('overtakes a hung promotion with a rollback, without waiting for it', async () => {
    const { clock, calls, applier } = scene()
    const promotion = applier.apply(split(50, 1))
    await clock.advance(0)
    const rollback = applier.apply(split(0, 2))
    await clock.advance(0)
    expect(calls.map(({ weight, signal }) => [weight, signal.aborted])).toEqual([
      [50, true],
      [0, false],
    ])
    calls[1]!.land()
    expect([await promotion, await rollback]).toEqual([false, true])
  })

  it('sends the rollback once more when the promotion lands after it', async () => {
    const { clock, calls, applier } = scene()
    void applier.apply(split(50, 1))
    await clock.advance(0)
    void applier.apply(split(0, 2))
    await clock.advance(0)
    calls[1]!.land()
    calls[0]!.land()
    await clock.advance(0)
    expect(calls.map(({ weight }) => weight)).toEqual([50, 0, 0])
  })

  it('sends one at a time when several older ones land, and once more for those that land meanwhile', async () => {
    const { clock, calls, applier } = scene()
    for (const [revision, weight] of [10, 25, 50, 0].entries()) {
      void applier.apply(split(weight, revision + 1))
      await clock.advance(0)
    }
    calls[3]!.land()
    for (const older of [0, 1, 2]) calls[older]!.land()
    await clock.advance(0)
    expect(calls.map(({ weight }) => weight)).toEqual([10, 25, 50, 0, 0])
    calls[4]!.land()
    await clock.advance(0)
    expect(calls.map(({ weight }) => weight)).toEqual([10, 25, 50, 0, 0, 0])
    calls[5]!.land()
    await clock.advance(10_000)
    expect(calls).toHaveLength(6)
  })

  it('does not abort a newer call when an older one ends late', async () => {
    const { clock, calls, applier } = scene()
    void applier.apply(split(10, 1))
    await clock.advance(0)
    const newer = applier.apply(split(25, 2))
    await clock.advance(0)
    calls[0]!.land()
    await clock.advance(0)
    calls[1]!.land()
    expect(await newer).toBe(true)
  })

  it('never sends a split of an older epoch after one of a newer', async () => {
    const { clock, calls, applier } = scene()
    void applier.apply({ ...split(10, 1), epoch: 2 })
    await clock.advance(0)
    expect(await applier.apply({ ...split(50, 2), epoch: 1 })).toBe(false)
    await clock.advance(10_000)
    expect(calls.some(({ weight }) => weight === 50)).toBe(false)
    applier.close()
  })

  it('leaves the newest split at the target, even if calls fail, hang and end out of order', async () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const random = seededRandom(seed)
      const clock = manualClock()
      let there = -1
      const apply = async ({ weight }: TargetSplit) => {
        const takesMs = random() * 3_000
        if (random() < 0.3) throw new Error('no route')
        await new Promise<void>((resolve) => clock.schedule(takesMs, resolve)) // deaf to its signal
        there = weight
      }
      const applier = createApplier({ target: { apply }, clock, timeoutMs: 1_000, onFailure: () => {} })
      for (let revision = 1; revision <= 8; revision += 1) {
        void applier.apply(split(revision === 8 ? 0 : revision * 10, revision))
        await clock.advance(Math.floor(random() * 2_000))
      }
      await clock.advance(60_000)
      expect([seed, there]).toEqual([seed, 0])
      applier.close()
    }
  })

  it('sends nothing more once it is closed, and leaves no timer', async () => {
    const { clock, calls, applier } = scene()
    const taken = applier.apply(split(10, 1))
    await clock.advance(0)
    applier.close()
    expect(await taken).toBe(false)
    calls[0]!.land()
    await clock.advance(10_000)
    expect([calls.length, clock.pending]).toEqual([1, 0])
  })
})
