import { describe, expect, it, vi } from 'vitest'
import { unhandledIn } from '../foundation/unhandled.fixture.js'
import { tripwire } from '../recorder/tripwire.js'
import { always, stage } from './stage.fixture.js'

describe('a flight', () => {
  it('names its version, and is pending until it ends', async () => {
    const { canary, counts } = await stage()
    const flight = canary.begin({ key: 'ann' })
    expect(flight).toMatchObject({ variant: 'canary', version: 'v2', answeredBy: 'v2', isOpen: true, isAborted: false })
    expect(flight.assignment).toMatchObject({ reason: 'split', epoch: 1, step: 1 })
    expect(counts()).toEqual({ 'v2 in flight': 1 })
    flight.end({ prediction: 'positive', score: 0.5, metrics: { tokens: 3 } })
    expect(flight.isOpen).toBe(false)
    expect(counts()).toEqual({ 'v2 success': 1 })
    expect(canary.metrics().v2).toMatchObject({
      predictionDistribution: { positive: 1 },
      score: { mean: 0.5 },
      metrics: { tokens: { count: 1, mean: 3 } },
    })
  })

  it('can be written as JSON, while others are pending too', async () => {
    const { canary } = await stage()
    const [flight, other] = [canary.begin({ key: 'ann' }), canary.begin({ key: 'ben' })]
    const { assignment, startedAt } = flight
    const json = { assignment, answeredBy: 'v2', startedAt, isOpen: true, isAborted: false }
    expect(JSON.parse(JSON.stringify({ flight }))).toEqual({ flight: json })
    other.end()
  })

  it('ends once, whatever is called after that and in whatever order', async () => {
    const { canary, counts } = await stage()
    const flight = canary.begin()
    flight.end({ outcome: 'error' })
    flight.end()
    flight.abort()
    flight.expire(new Error('late'))
    expect(flight.isAborted).toBe(false)
    expect(flight.signal.aborted).toBe(false)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('does not end the process if functions of its request reject', async () => {
    const { canary, counts } = await stage()
    const rejects = () => Promise.reject(new Error('the tracker is down')) as never
    const unhandled = await unhandledIn(() => {
      const flight = canary.begin({ onEnd: rejects, isTrial: rejects, isAnswered: rejects, onFallback: rejects })
      flight.answerFrom('v1')
      flight.end({ outcome: 'error' })
    })
    expect(unhandled).toEqual([])
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('ends, answers and is aborted by verbs that were taken off it', async () => {
    const { canary, counts } = await stage()
    const { end, markAnswered } = canary.begin()
    markAnswered()
    end({ outcome: 'error' })
    const { abort } = canary.begin()
    abort()
    expect(counts()).toEqual({ 'v2 error': 1, 'v2 aborted': 1 })
  })

  it('does not trip the tripwire by ending again', async () => {
    const { canary } = await stage({ tripwire: tripwire({ consecutive: 2 }) })
    const flight = canary.begin()
    for (let end = 0; end < 5; end++) flight.end({ outcome: 'error' })
    expect(canary.status().state).toBe('progressing')
    canary.begin().end({ outcome: 'error' })
    expect(canary.status().state).toBe('rolled-back')
  })

  it.each([
    ['abort', 'aborted'],
    ['expire', 'timeout'],
  ] as const)('closes by %s, and aborts its signal for the reason given', async (verb, outcome) => {
    const { canary, counts } = await stage()
    const flight = canary.begin()
    const { signal } = flight
    const heard = vi.fn()
    signal.addEventListener('abort', heard)
    flight[verb]('gone')
    expect(heard).toHaveBeenCalledTimes(1)
    expect(signal.reason).toBe('gone')
    expect(flight).toMatchObject({ isOpen: false, isAborted: true })
    expect(counts()).toEqual({ [`v2 ${outcome}`]: 1 })
  })

  it('has an aborted signal with a reason, also if the signal is read only afterwards', async () => {
    const { canary } = await stage()
    const flight = canary.begin()
    flight.abort('gone')
    expect(flight.signal).toMatchObject({ aborted: true, reason: 'gone' })
    expect(flight.signal).toBe(flight.signal)
  })

  it('keeps the assignment of an earlier one', async () => {
    const pick = vi.fn(() => 'canary' as const)
    const { canary } = await stage({ strategy: { name: 'counting', unit: 'request', pick } })
    const { assignment } = canary.begin()
    expect(canary.begin({ like: assignment }).assignment).toBe(assignment)
    expect(pick).toHaveBeenCalledTimes(1)
  })

  it('goes to the baseline after the kill switch, whatever the earlier assignment was', async () => {
    const { canary } = await stage()
    const { assignment } = canary.begin()
    await canary.disable()
    expect(canary.begin({ like: assignment })).toMatchObject({ version: 'v1', assignment: { reason: 'disabled' } })
  })

  it('with an unknown outcome is reported, and counts as an error', async () => {
    const { canary, counts, failures } = await stage({ tripwire: tripwire({ consecutive: 1 }) })
    canary.begin().end({ outcome: 'nonsense' as never })
    expect(failures()).toEqual({ INVALID_OUTCOME: 1 })
    expect(counts()).toEqual({ 'v2 error': 1 })
    expect(canary.status().state).toBe('rolled-back')
  })
})

describe('assign', () => {
  it('returns an assignment, and counts nothing', async () => {
    const { canary, counts } = await stage()
    expect(canary.assign({ key: 'ann' })).toMatchObject({
      variant: 'canary',
      version: 'v2',
      weight: 50,
      reason: 'split',
    })
    expect(counts()).toEqual({})
  })
})

describe('run', () => {
  it('hands the flight to the call, and describes what it answers', async () => {
    const { canary, counts } = await stage()
    const output = canary.run({ key: 'ann' }, ({ version }) => `by ${version}`, { predictionOf: (text) => text })
    expect(output).toBe('by v2')
    expect(canary.metrics().v2.predictionDistribution).toEqual({ 'by v2': 1 })
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('does not change a flight that its call has ended', async () => {
    const { canary, counts } = await stage()
    await canary.run({}, async (flight) => flight.end({ outcome: 'error' }))
    expect(counts()).toEqual({ 'v2 error': 1 })
  })

  it('refuses fallback, because there is no second call', async () => {
    const { canary, counts } = await stage()
    expect(() => canary.run({}, () => 1, { fallback: true } as never)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_OPTION' }),
    )
    expect(counts()).toEqual({})
  })
})

describe('record', () => {
  it('counts a call that was measured elsewhere', async () => {
    const { canary, clock, counts } = await stage()
    await clock.advance(100)
    canary.record({ variant: 'baseline', durationMs: 20, outcome: 'success', prediction: 'negative' })
    canary.record({ variant: 'canary', durationMs: 40, outcome: 'timeout' })
    expect(counts()).toEqual({ 'v1 success': 1, 'v2 timeout': 1 })
    expect(canary.metrics().v1).toMatchObject({ avgLatencyMs: 20, predictionDistribution: { negative: 1 } })
    expect(canary.metrics({ window: 'step' }).v1.requestCount).toBe(1)
  })

  it('counts a call that began before the step for the rollout, not for the step', async () => {
    const { canary, clock } = await stage()
    await clock.advance(100)
    canary.record({ variant: 'canary', durationMs: 101, outcome: 'error' })
    expect(canary.metrics({ window: 'step' }).v2.requestCount).toBe(0)
    expect(canary.metrics({ window: 'rollout' }).v2.requestCount).toBe(1)
  })
})

describe('the windows of metrics()', () => {
  it('distinguish the step, the rollout and the last minutes', async () => {
    const { canary, clock } = await stage()
    const predict = canary.wrap({ baseline: () => 1, canary: () => 1 })
    predict()
    await canary.promote()
    await clock.advance(120_000)
    predict()
    predict()
    const requests = (window?: Parameters<typeof canary.metrics>[0]) => canary.metrics(window).v2.requestCount
    expect(requests({ window: 'step' })).toBe(2)
    expect(requests({ window: 'rollout' })).toBe(3)
    expect(requests()).toBe(3)
    expect(requests({ window: { lastMs: 10_000 } })).toBe(2)
    await clock.advance(120_000)
    expect(requests({ window: { lastMs: 10_000 } })).toBe(0)
  })

  it('are two versions by their names, and nothing else', async () => {
    const { canary } = await stage({ strategy: always('baseline') })
    expect(Object.keys(canary.metrics())).toEqual(['v1', 'v2'])
    expect(Object.getPrototypeOf(canary.metrics())).toBe(null)
  })
})
