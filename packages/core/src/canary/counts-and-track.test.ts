import { describe, expect, it } from 'vitest'
import { errorOf, stage } from '../serving/stage.fixture.js'
import { mergeSummaries } from '../summaries/summary.js'

const conversion = (summary: { readonly metrics: readonly (readonly [string, unknown])[] }) =>
  summary.metrics.find(([name]) => name === 'conversion')?.[1]

describe('counts', () => {
  it('are summaries of both arms that agree with metrics()', async () => {
    const { canary } = await stage()
    canary.begin().end({ prediction: 'yes' })
    canary.begin().end({ outcome: 'error' })
    canary.record({ variant: 'baseline', durationMs: 5, outcome: 'success' })
    const { baseline, canary: arm } = canary.counts()
    expect(arm).toMatchObject({ begun: 2, outcomes: { success: 1, error: 1 }, predictions: { labels: [['yes', 1]] } })
    expect(baseline.outcomes.success).toBe(1)
    expect(canary.metrics().v2).toMatchObject({ requestCount: 2, errorCount: 1 })
    expect(mergeSummaries(baseline, arm).begun).toBe(3)
  })

  it('can be limited to the step, or to the latest time', async () => {
    const { canary, clock } = await stage()
    canary.begin().end()
    await canary.promote()
    await clock.advance(60_000)
    canary.begin().end()
    const begun = (window: Parameters<typeof canary.counts>[0]) => canary.counts(window).canary.begun
    expect([begun({}), begun({ window: 'step' }), begun({ window: { lastMs: 10_000 } })]).toEqual([2, 1, 1])
  })

  it.each([
    ['UNKNOWN_OPTION', { windows: 'step' }],
    ['UNKNOWN_OPTION', { window: { last: 5 } }],
    ['INVALID_OPTION', null],
    ['INVALID_OPTION', { window: 'day' }],
    ['INVALID_OPTION', { window: { lastMs: 0 } }],
    ['INVALID_OPTION', { window: { lastMs: Number.NaN } }],
  ])('refuse with %s what they cannot answer: %o', async (code, options) => {
    const { canary } = await stage()
    expect(await errorOf(() => canary.counts(options as never))).toMatchObject({ code })
  })

  it.each(['rollout', 'step', { lastMs: 10_000 }] as const)(
    'agree with metrics() over the window %o',
    async (window) => {
      const { canary, clock } = await stage()
      canary.begin().end({ outcome: 'timeout' })
      await canary.promote()
      await clock.advance(60_000)
      for (const outcome of ['success', 'success', 'error', 'aborted'] as const) canary.begin().end({ outcome })
      canary.begin()
      const { outcomes, pendingBins } = canary.counts({ window }).canary
      const { v2 } = canary.metrics({ window })
      expect(v2).toMatchObject({
        successCount: outcomes.success,
        errorCount: outcomes.error,
        timeoutCount: outcomes.timeout,
        abortedCount: outcomes.aborted,
        inFlight: pendingBins.reduce((sum, [, count]) => sum + count, 0),
      })
      expect([v2.requestCount, v2.inFlight]).toEqual([window === 'rollout' ? 5 : 4, 1])
    },
  )
})

describe('track', () => {
  it('records metrics for the version that served, and counts no request', async () => {
    const { canary } = await stage()
    const flight = canary.begin()
    flight.end()
    const before = canary.counts().canary
    canary.track(flight.assignment, { conversion: true })
    canary.track(flight.assignment, { conversion: false })
    const after = canary.counts().canary
    expect(conversion(after)).toEqual({ count: 2, sum: 1, sumOfSquares: 1 })
    expect({ ...after, metrics: [] }).toEqual({ ...before, metrics: [] })
    expect(conversion(canary.counts().baseline)).toBeUndefined()
  })

  it('is evidence only in the step that served, and afterwards counts for the rollout', async () => {
    const { canary, clock } = await stage()
    const { assignment } = canary.begin()
    await canary.promote()
    await clock.advance(0)
    canary.track(assignment, { conversion: true })
    expect(conversion(canary.counts({ window: 'step' }).canary)).toBeUndefined()
    expect(conversion(canary.counts().canary)).toEqual({ count: 1, sum: 1, sumOfSquares: 1 })
  })

  it('is evidence in the step that is still open', async () => {
    const { canary } = await stage()
    const { variant, reason, epoch, step } = canary.begin().assignment
    canary.track({ variant, reason, epoch, step }, { conversion: true, basket: 12.5 })
    canary.track({ variant: 'baseline', reason, epoch, step }, { conversion: false })
    const counts = canary.counts({ window: 'step' })
    expect(conversion(counts.canary)).toEqual({ count: 1, sum: 1, sumOfSquares: 1 })
    expect(conversion(counts.baseline)).toEqual({ count: 1, sum: 0, sumOfSquares: 0 })
    expect(canary.metrics().v2.metrics).toEqual({ basket: { count: 1, mean: 12.5 }, conversion: { count: 1, mean: 1 } })
  })

  it('is no evidence if the request was not split', async () => {
    const { canary } = await stage()
    const { assignment } = canary.begin()
    canary.track({ ...assignment, reason: 'override' }, { conversion: true })
    expect(conversion(canary.counts({ window: 'step' }).canary)).toBeUndefined()
    expect(conversion(canary.counts().canary)).toMatchObject({ count: 1 })
  })

  it('ignores requests that another epoch served', async () => {
    const { canary, clock } = await stage()
    const { assignment } = canary.begin()
    await canary.rollback()
    await canary.retry()
    await clock.advance(0)
    canary.track(assignment, { conversion: true })
    expect(conversion(canary.counts().canary)).toBeUndefined()
  })

  it.each([
    ['a value that is none', { conversion: 'yes' }],
    ['no object', 'conversion'],
    ['null', null],
    ['NaN', { conversion: Number.NaN }],
    ['a number beyond all sums', { conversion: 1e300 }],
    ['a list that cannot be read', new Proxy({}, { ownKeys: () => expect.unreachable('no names here') })],
  ])('says so, and throws nothing: %s', async (_name, metrics) => {
    const { canary, failures } = await stage()
    const { assignment } = canary.begin()
    canary.track(assignment, metrics as never)
    expect(failures()).toEqual({ INVALID_METRIC: 1 })
  })

  it.each([null, undefined, 'canary', {}, { variant: 'both', reason: 'split', epoch: 1, step: 1 }])(
    'bears an assignment that is none: %o',
    async (assignment) => {
      const { canary } = await stage()
      canary.track(assignment as never, { conversion: true })
      expect(conversion(canary.counts().canary)).toBeUndefined()
    },
  )

  it('treats hostile names like other names', async () => {
    const { canary } = await stage()
    const { assignment } = canary.begin()
    canary.track(assignment, JSON.parse('{"__proto__": 1, "constructor": 2}'))
    expect(canary.counts().canary.metrics.map(([name]) => name)).toEqual(['__proto__', 'constructor'])
    expect(({} as { readonly sum?: unknown }).sum).toBeUndefined()
  })

  it('does nothing after close()', async () => {
    const { canary, clock } = await stage()
    const { assignment } = canary.begin()
    const closing = canary.close()
    await clock.advance(2_000)
    await closing
    canary.track(assignment, { conversion: true })
    expect(conversion(canary.counts().canary)).toBeUndefined()
  })
})
