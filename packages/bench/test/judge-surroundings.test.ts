import { manualClock } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'

const part = (name: string) => import(`../src/judge/${name}.mjs`)
const { contestant, scenarioOf } = await part('line-up')
const { outcomeOf } = await part('outcome')
const { runScraped } = await part('run-scraped')
const { createScrapes } = await part('scrapes')

describe('scrapes', () => {
  const at = { everyMs: 60_000, offsetsMs: { baseline: 5_000, canary: 35_000 } }

  /** A call a second of either version, and what is read of it at each of these seconds. */
  async function readAt(openedAtSecond: number, seconds: readonly number[]) {
    const clock = manualClock()
    const { record, scrape, source } = createScrapes(at, clock)
    const openedAt = clock.now() + openedAtSecond * 1_000
    const seen: unknown[] = []
    for (let second = 1; second <= Math.max(...seconds); second += 1) {
      for (const variant of ['baseline', 'canary'])
        record({ variant, outcome: 'success', durationMs: 0, at: clock.elapsed() })
      await clock.advance(1_000)
      scrape()
      if (!seconds.includes(second)) continue
      const counts = await source.read({ epoch: 1, step: 1, openedAt })
      seen.push(counts === 'no-data' ? counts : [counts.baseline.begun, counts.canary.begun])
    }
    return seen
  }

  it('come up to date in different looks', async () => {
    expect(await readAt(0, [34, 35, 64, 65, 94, 95, 125])).toEqual([
      'no-data', // the canary's first is at 35 s
      [0, 0],
      [0, 0],
      [60, 0],
      [60, 0],
      [60, 60],
      [120, 60],
    ])
  })

  it('begin with the first one in the window, so that nothing of the weight before counts', async () => {
    expect(await readAt(40, [94, 95, 125, 155])).toEqual(['no-data', [0, 0], [60, 0], [60, 60]])
  })
})

describe('a run over scrapes', () => {
  it('rolls a broken canary back, the same again with the same seed', async () => {
    const run = (seed: number) => runScraped(scenarioOf('scraped-half'), contestant('evidence'), seed)
    const first = await run(1)
    expect(first).toMatchObject({ state: 'rolled-back', splitAlerts: 0 })
    expect(first.elapsedMs).toBeLessThanOrEqual(3 * 60_000) // three scrapes
    expect(await run(1)).toEqual(first)
    expect(await run(2)).not.toEqual(first)
  }, 30_000)
})

describe('an outage', () => {
  const promotedAt = (elapsedMs: number) =>
    outcomeOf(scenarioOf('outage-100'), { state: 'promoted', reason: 'all proved' }, elapsedMs)

  it('is no time to promote anything', () => {
    expect(promotedAt(399_999)).toMatchObject({ isInOutage: true, reason: 'all proved' })
    expect(promotedAt(99_999)).toEqual({ state: 'promoted', elapsedMs: 99_000 })
    expect(promotedAt(400_000)).toEqual({ state: 'promoted', elapsedMs: 400_000 })
  })
})
