import { describe, expect, it, vi } from 'vitest'
import type { Clock } from '../clock.js'
import { type Ends, inTime } from './in-time.js'
import { createLoopWatch } from './loop-watch.js'
import { stage } from './stage.fixture.js'

/** A clock whose timers fire when a test says so, however late: as those of an event loop that does not turn. */
function handClock(busy?: () => number) {
  const due: (() => void)[] = []
  const delays: number[] = []
  const clock: Clock & { at: number } = {
    at: 0,
    now: () => clock.at,
    elapsed: () => clock.at,
    schedule(delayMs, task) {
      delays.push(delayMs)
      due.push(task)
      return () => void due.splice(due.indexOf(task) >>> 0, 1)
    },
    ...(busy && { busy }),
  }
  return { clock, fire: () => due.shift()?.(), timers: () => due.length, delays }
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
  it('that arrives past its limit is late although the timer has not fired, and is let go of', async () => {
    const hand = handClock()
    const { settled, resolve, ends } = limited(hand)
    hand.clock.at = 501
    resolve('answer')
    expect(await settled).toBe('expired')
    expect(ends.late.mock.calls).toEqual([['answer']])
    expect(hand.timers()).toBe(0)
  })

  it('that fails past its limit is late as well', async () => {
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
    hand.clock.at = 501
    hand.fire()
    expect(await settled).toBe('expired')
  })

  it('is given the time for which another call blocked the event loop', async () => {
    const hand = handClock()
    const { settled, resolve, loop } = limited(hand)
    loop.blocked(600)
    hand.clock.at = 620
    resolve('answer')
    expect(await settled).toBe('answer')
  })

  it('is waited for as long as it has left, and longer by what others took of it', async () => {
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

  it('of a call that blocked for longer than its limit is late though the process was stopped as well', async () => {
    const hand = handClock(() => 0)
    const { settled, resolve } = limited(hand, { blockedMs: 600 })
    hand.clock.at = 2_100
    resolve('answer')
    expect(await settled).toBe('expired')
  })

  it('is not given the time for which its own call blocked the event loop', async () => {
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
  ])('that is found first by a process that was %s until then', async (_, busyMs, expected) => {
    let used = 0
    const hand = handClock(() => used)
    const { settled, resolve } = limited(hand)
    hand.clock.at = 2_100
    used = busyMs
    resolve('answer')
    expect(await settled).toBe(expected)
  })
})

describe('blockedMs', () => {
  it('is the time for which a call blocks the event loop to its first await, for each version', async () => {
    const { canary, clock } = await stage({ strategy: { name: 'v', unit: 'request', pick: ({ key }) => key as never } })
    let at = 0
    const elapsed = clock.elapsed
    clock.elapsed = () => elapsed() + at
    const model = (ms: number) => async (_variant: string) => {
      at += ms
      await null
      at += 1_000
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

  it('counts all of a model that answers at once; one that takes longer than its limit is a timeout', async () => {
    const { canary, clock, counts } = await stage()
    let at = 0
    const elapsed = clock.elapsed
    clock.elapsed = () => elapsed() + at
    const model = () => {
      at += 600
      return 'answer'
    }
    expect(canary.wrap({ baseline: model, canary: model }, { timeoutMs: 500, fallback: true })()).toBe('answer')
    expect(canary.metrics().v2.blockedMs).toEqual({ mean: 600, total: 600 })
    expect(counts()).toEqual({ 'v2 timeout': 1 })
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
