import { type ManualClock, manualClock } from '@model-canary/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AnswerLines } from '../guardrails/answer-lines.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import { unansweredRate } from '../guardrails/kinds/unanswered-rate.js'
import { binOf, type SparseBins } from '../summaries/histogram.js'
import { emptySummary } from '../summaries/summary.js'
import { createAnswerLinesKeeper } from './answer-lines-keeper.js'

const answered = (count: number, ms: number): SparseBins => [[binOf(ms * 1_000), count]]

let clock: ManualClock
let world: { times: SparseBins; underWay: number; sweeps: number[]; lines: AnswerLines[] }

beforeEach(() => {
  clock = manualClock()
  world = { times: [], underWay: 0, sweeps: [], lines: [] }
})

const make = (guardrails: readonly Guardrail[] = []) => {
  const told: number[] = []
  const keeper = createAnswerLinesKeeper({
    clock,
    guardrails,
    onAwake: () => {},
    onSweep: (at) => told.push(at),
    recorder: {
      get underWay() {
        return world.underWay
      },
      sweep: (at) => world.sweeps.push(at),
      awaitAnswers: (lines) => world.lines.push(lines),
      answerTimes: () => world.times,
      read: () => ({
        baseline: { ...emptySummary(), answers: { decided: 7, unanswered: 2, ended: 1, leftEarly: 3 } },
        canary: emptySummary(),
      }),
    },
  })
  return { ...keeper, told }
}

/** The lines lie on edges of bins, within 2 % of these. */
const line = () => Math.round(world.lines.at(-1)!.overdueMs / 500) * 500
const patience = () => {
  const { patienceMs } = world.lines.at(-1)!
  return patienceMs && Math.round(patienceMs / 50) * 50
}

describe('sweeps', () => {
  it('come every 250 ms while calls are under way, and not without', async () => {
    const keeper = make()
    expect(clock.pending).toBe(0)
    world.underWay = 1
    keeper.awake()
    keeper.awake()
    expect(clock.pending).toBe(1)
    await clock.advance(600)
    expect(world.sweeps).toEqual([250, 500])
    world.underWay = 0
    await clock.advance(10_000)
    expect(world.sweeps).toEqual([250, 500, 750])
    expect(keeper.told).toEqual(world.sweeps)
    expect(clock.pending).toBe(0)
    keeper.awake()
    await clock.advance(250)
    expect(world.sweeps.at(-1)).toBe(10_850)
  })

  it('stop when the canary is closed, and do not start again', async () => {
    const keeper = make()
    world.underWay = 1
    keeper.awake()
    keeper.close()
    keeper.awake()
    await clock.advance(10_000)
    expect([world.sweeps, clock.pending]).toEqual([[], 0])
  })
})

describe('the lines', () => {
  const busy = async (keeper: ReturnType<typeof make>, ms: number) => {
    world.underWay = 1
    keeper.awake()
    await clock.advance(ms)
  }

  it('are 10 s, or a guardrail’s own, from the first call on', () => {
    make()
    expect([line(), patience()]).toEqual([10_000, null])
    make([unansweredRate({ afterMs: 3_000 })])
    expect([line(), patience()]).toEqual([3_000, null])
  })

  it('follow the baseline before a rollout: at once when it is known, and then every 15 s', async () => {
    const keeper = make()
    world.times = answered(100, 400)
    await busy(keeper, 250)
    expect(line()).toBe(4_000)
    world.times = answered(100, 800)
    await busy(keeper, 14_000)
    expect(line()).toBe(4_000)
    await busy(keeper, 1_000)
    expect(line()).toBe(8_000)
  })

  it('are frozen for a rollout, whatever the baseline does then', async () => {
    const keeper = make()
    world.times = answered(100, 400)
    keeper.freeze(keeper.known().answers)
    world.times = answered(1_000, 800)
    await busy(keeper, 60_000)
    expect([line(), patience()]).toEqual([4_000, 400])
  })

  it('of a rollout without a history stay at 10 s; only the patience is learned, once', async () => {
    const keeper = make()
    keeper.freeze(keeper.known().answers)
    world.times = answered(99, 400)
    await busy(keeper, 30_000)
    expect([line(), patience()]).toEqual([10_000, null])
    world.times = answered(100, 400)
    await busy(keeper, 250)
    expect([line(), patience()]).toEqual([10_000, 400])
    world.times = answered(100, 800)
    await busy(keeper, 60_000)
    expect([line(), patience()]).toEqual([10_000, 400])
  })

  it('are those that a rollout was started with, or the current ones if it has none', () => {
    const keeper = make()
    keeper.freeze({ overdueMs: 2_500, patienceMs: 120 })
    expect(world.lines.at(-1)).toEqual({ overdueMs: 2_500, patienceMs: 120 })
    world.times = answered(100, 400)
    keeper.freeze(undefined)
    expect(line()).toBe(4_000)
  })

  it('are frozen with the rollout, and so is whether the baseline answered', () => {
    world.times = answered(100, 400)
    expect(make().known()).toEqual({
      answers: { overdueMs: expect.closeTo(4_000, -3), patienceMs: expect.closeTo(400, -1) },
      answered: { decided: 7, unanswered: 2, ended: 1, leftEarly: 3 },
    })
  })
})
