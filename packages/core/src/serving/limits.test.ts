import { describe, expect, it, vi } from 'vitest'
import type { Clock } from '../runtime/clock.js'
import { type Ends, inTime } from './in-time.js'
import { createLoopWatch } from './loop-watch.js'
import { errorOf, stage } from './stage.fixture.js'

/** A clock whose timers fire when a test says so, however late: as those of an event loop that does not turn. */
function handClock(busy?: () => number) {
  const due: { readonly task: () => void }[] = []
  const delays: number[] = []
  const keptAlive: (boolean | undefined)[] = []
  const clock: Clock & { at: number } = {
    at: 0,
    now: () => clock.at,
    elapsed: () => clock.at,
    schedule(delayMs, task, options) {
      const timer = { task }
      delays.push(delayMs)
      keptAlive.push(options?.keepAlive)
      due.push(timer)
      return () => void due.splice(due.indexOf(timer) >>> 0, 1)
    },
    ...(busy && { busy }),
  }
  return { clock, fire: () => due.shift()?.task(), timers: () => due.length, delays, keptAlive }
}

/** A call with 500 ms to answer, begun at 0. */
function limited({ clock }: { readonly clock: Clock }, { blockedMs = 0, loop = createLoopWatch(clock) } = {}) {
  let resolve!: (output: string) => void
  let reject!: (error: Error) => void
  const promise = new Promise<string>((...ends) => ([resolve, reject] = ends))
  const ends = {
    arrived: vi.fn((output: string) => output),
    failed: vi.fn(() => 'failed'),
    expired: vi.fn(() => 'expired'),
    late: vi.fn(),
  } satisfies Ends<string>
  const settled = inTime(promise, { clock, loop, startedAt: 0, blockedMs, limitMs: 500 }, ends)
  return { settled, resolve, reject, ends, loop }
}

describe('an answer', () => {
  it('that arrives after its limit is late even before the timer fires, and is cancelled', async () => {
    const hand = handClock()
    const { settled, resolve, ends } = limited(hand)
    hand.clock.at = 501
    resolve('answer')
    expect(await settled).toBe('expired')
    expect(ends.late.mock.calls).toEqual([['answer']])
    expect(hand.timers()).toBe(0)
  })

  it('that fails after its limit is late as well', async () => {
    const hand = handClock()
    const { settled, reject } = limited(hand)
    hand.clock.at = 501
    reject(new Error('broken'))
    expect(await settled).toBe('expired')
  })

  it('is in time while the event loop turns once more after a timer that fired late', async () => {
    const hand = handClock()
    const { settled, resolve } = limited(hand)
    hand.clock.at = 700
    hand.fire()
    resolve('answer')
    expect(await settled).toBe('answer')
    expect(hand.timers()).toBe(0)
    expect(hand.delays).toEqual([500, 0]) // by 0 a clock means one turn, and by less nothing
    expect(hand.keptAlive).toEqual([true, true])
  })

  it('that fails after its timeout was reported is ignored', async () => {
    const hand = handClock()
    const { settled, reject, ends } = limited(hand)
    hand.clock.at = 501
    hand.fire()
    reject(new Error('broken'))
    expect(await settled).toBe('expired')
    await new Promise(setImmediate)
    expect(ends.failed).not.toHaveBeenCalled()
    expect(ends.expired).toHaveBeenCalledTimes(1)
  })

  it('is late after that turn', async () => {
    const hand = handClock()
    const { settled } = limited(hand)
    hand.clock.at = 700
    hand.fire()
    hand.clock.at = 701
    hand.fire()
    expect(await settled).toBe('expired')
  })

  it('gets no further turn from a timer that fired when it was due', async () => {
    const hand = handClock()
    const { settled } = limited(hand)
    hand.clock.at = 502
    hand.fire()
    expect(await settled).toBe('expired')
    expect(hand.timers()).toBe(0)
  })

  it('gets the time back for which another call blocked the event loop', async () => {
    const hand = handClock()
    const { settled, resolve, loop } = limited(hand)
    loop.blocked(600)
    hand.clock.at = 620
    resolve('answer')
    expect(await settled).toBe('answer')
  })

  it('gets its remaining time, and the time for which other calls blocked the event loop', async () => {
    const hand = handClock()
    const { settled, loop } = limited(hand, { blockedMs: 100 })
    loop.blocked(300)
    hand.clock.at = 520
    hand.fire()
    expect(hand.delays).toEqual([400, 280])
    hand.clock.at = 800
    hand.fire()
    expect(await settled).toBe('expired')
  })

  it('that arrives just at its limit is in time', async () => {
    const hand = handClock()
    const { settled, resolve } = limited(hand)
    hand.clock.at = 500
    resolve('answer')
    expect(await settled).toBe('answer')
  })

  it.each([
    [500, 'answer'],
    [501, 'expired'],
  ])(
    'of a call that blocked for %i ms and then was found by a process that was stopped',
    async (blockedMs, expected) => {
      const hand = handClock(() => 0)
      const { settled, resolve } = limited(hand, { blockedMs })
      hand.clock.at = 2_100
      resolve('answer')
      expect(await settled).toBe(expected)
      expect(hand.delays).toEqual([0])
    },
  )

  it('is in time if the process was stopped before its limit, though the event loop had turned since it began', async () => {
    const hand = handClock(() => 0)
    const { settled, resolve, loop } = limited(hand)
    loop.pulse(200)
    loop.pulse(400)
    hand.clock.at = 2_100
    resolve('answer')
    expect(await settled).toBe('answer')
  })

  it('does not get the time back for which its own call blocked the event loop', async () => {
    const hand = handClock()
    const loop = createLoopWatch(hand.clock)
    hand.clock.at = 600
    loop.blocked(600)
    const { settled, resolve } = limited(hand, { blockedMs: 600, loop })
    resolve('answer')
    expect(await settled).toBe('expired')
  })

  it.each([
    ['stopped', 0, 'answer'],
    ['busy', 2_000, 'expired'],
  ])('that is the first work of a process that was %s before', async (_, busyMs, expected) => {
    let used = 0
    const hand = handClock(() => used)
    const { settled, resolve } = limited(hand)
    hand.clock.at = 2_100
    used = busyMs
    resolve('answer')
    expect(await settled).toBe(expected)
  })
})

/** A stage on which a model can compute: time passes, and the event loop does not turn. */
async function computing(options: Parameters<typeof stage>[0] = {}) {
  const staged = await stage(options)
  const { elapsed } = staged.clock
  let computedMs = 0
  staged.clock.elapsed = () => elapsed() + computedMs
  return { ...staged, compute: (ms: number) => void (computedMs += ms) }
}

describe('blockedMs', () => {
  it('is the time for which a call blocks the event loop to its first await, for each version', async () => {
    const { canary, compute } = await computing({
      strategy: { name: 'v', unit: 'request', pick: ({ key }) => key as never },
    })
    const model = (ms: number) => async (_variant: string) => {
      compute(ms)
      await null
      compute(1_000)
    }
    const predict = canary.wrap({ baseline: model(5), canary: model(600) }, { key: (variant: string) => variant })
    await predict('baseline')
    await predict('canary')
    await predict('canary')
    const { v1, v2 } = canary.metrics()
    expect([v1.blockedMs, v2.blockedMs]).toEqual([
      { mean: 5, total: 5 },
      { mean: 600, total: 1_200 },
    ])
  })

  it('counts what a model computed before it threw', async () => {
    const { canary, compute } = await computing()
    const model = () => {
      compute(600)
      throw new Error('broken')
    }
    await errorOf(canary.wrap({ baseline: model, canary: model }))
    expect(canary.metrics().v2.blockedMs).toEqual({ mean: 600, total: 600 })
  })

  it('is given back to a call that waited meanwhile', async () => {
    const { canary, counts, compute } = await computing()
    let give = (_: string) => {}
    const model = async (ms: number) => {
      compute(ms)
      return ms > 0 ? 'computed' : await new Promise<string>((resolve) => (give = resolve))
    }
    const predict = canary.wrap({ baseline: model, canary: model }, { timeoutMs: 500 })
    const waiting = predict(0)
    expect(await errorOf(() => predict(600))).toMatchObject({ code: 'MODEL_TIMEOUT' })
    give('answer')
    expect(await waiting).toBe('answer')
    expect(counts()).toEqual({ 'v2 timeout': 1, 'v2 success': 1 })
  })

  it.each([
    ['a call', false],
    ['a baseline that answers in the canary’s place', true],
  ])('is added to the time that %s has', async (_, isBroken) => {
    const { canary, clock, compute } = await computing()
    const model = async () => {
      compute(300)
      await new Promise(() => {})
    }
    const broken = (): never => {
      throw new Error('canary broke')
    }
    const failed = vi.fn()
    const arms = { baseline: model, canary: isBroken ? broken : model }
    canary.wrap(arms, { timeoutMs: 500, fallback: isBroken })().catch(failed)
    await clock.advance(199)
    expect(failed).not.toHaveBeenCalled()
    await clock.advance(1)
    expect(failed).toHaveBeenCalledTimes(1)
  })

  it('is added to the time of an answer that arrives before the timer fires', async () => {
    const { canary, compute } = await computing()
    let give = (_: string) => {}
    const model = () => {
      compute(300)
      return new Promise<string>((resolve) => (give = resolve))
    }
    const waiting = canary.wrap({ baseline: model, canary: model }, { timeoutMs: 500 })()
    compute(250)
    give('answer')
    expect(await errorOf(() => waiting)).toMatchObject({ code: 'MODEL_TIMEOUT' })
  })

  it('does not count what passed between the beginning of a flight and its call', async () => {
    const { canary, clock, counts } = await stage()
    const flight = canary.begin()
    await clock.advance(1_000)
    const model = () => 'answer'
    canary.serve(flight, { baseline: model, canary: model }, { timeoutMs: 500 })
    expect(canary.metrics().v2.blockedMs).toEqual({ mean: 0, total: 0 })
    expect(counts()).toEqual({ 'v2 success': 1 })
  })

  it('counts all of a model that answers at once; one that takes longer than its limit is a timeout', async () => {
    const { canary, counts, compute } = await computing()
    const models = {
      baseline: (_ms: number) => 'v1',
      canary: (ms: number) => {
        compute(ms)
        return 'v2'
      },
    }
    const predict = canary.wrap(models, { timeoutMs: 500, fallback: true })
    expect(predict(600)).toBe('v2')
    expect(canary.metrics().v2.blockedMs).toEqual({ mean: 600, total: 600 })
    expect(counts()).toEqual({ 'v2 timeout': 1 })
    expect(predict(500)).toBe('v2')
    expect(counts()).toEqual({ 'v2 timeout': 1, 'v2 success': 1 })
  })

  it('does not give the caller an invalid answer if the baseline can answer', async () => {
    const { canary, counts, compute } = await computing()
    const models = {
      baseline: () => 0.5,
      canary: () => {
        compute(600)
        return Number.NaN
      },
    }
    expect(canary.wrap(models, { timeoutMs: 500, fallback: true, validate: Number.isFinite })()).toBe(0.5)
    expect(counts()).toEqual({ 'v2 error': 1 })
  })
})

describe('status().loop', () => {
  it('is there while a rollout is live', async () => {
    const { canary } = await stage()
    await expect.poll(() => canary.status().loop?.utilization).toBeGreaterThan(0)
    expect(canary.status().loop?.p99Ms).toBeGreaterThanOrEqual(0)
    await canary.rollback()
    expect(canary.status().loop).toBeNull()
    await canary.close()
  })
})
