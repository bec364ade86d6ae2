import { describe, expect, it } from 'vitest'
import { hypothesesOf } from '../../guardrails/kind-of.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { metric } from '../../guardrails/kinds/metric.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { logBlockEvidence } from '../../statistics/block-evidence.js'
import type { Moments } from '../../statistics/moments.js'
import { scoreBlock } from './block-score.js'
import { stateOf, yes } from './evidence.fixture.js'

const nothing: Moments = { count: 0, sum: 0, sumOfSquares: 0 }
const close = (...numbers: readonly number[]) => numbers.map((number) => expect.closeTo(number, 9))

/** So many values with this mean and sample variance. */
const spread = (count: number, mean: number, variance: number): Moments => ({
  count,
  sum: count * mean,
  sumOfSquares: count * mean ** 2 + (count - 1) * variance,
})

describe('a block of shares', () => {
  const [errors] = hypothesesOf(errorRate({ margin: 0.02 }), {})
  const unknown = stateOf(errors!) // expects 1 %

  it('matches the reference: 12 of 300 against 27 of 2,700, for 4 % where 1 % and a point more is tolerable', () => {
    const block = { baseline: yes(27, 2_700), canary: yes(12, 300) }
    expect(
      scoreBlock(errors!, 'rise', { state: unknown, block, tolerable: 0.5, dispersion: 1 }).inferiority[0],
    ).toBeCloseTo(2.2142687144, 9)
    const better = { baseline: yes(27, 2_700), canary: yes(6, 300) }
    expect(
      scoreBlock(errors!, 'rise', { state: unknown, block: better, tolerable: 0.5, dispersion: 1 }).inferiority[0],
    ).toBeCloseTo(-1.7357464055, 9)
  })

  it('matches the reference of nonInferiority: 3 of 300, for no difference where two points more are at the margin', () => {
    const block = { baseline: yes(27, 2_700), canary: yes(3, 300) }
    expect(
      scoreBlock(errors!, 'rise', { state: unknown, block, tolerable: 0.5, dispersion: 1 }).nonInferiority?.[0],
    ).toBeCloseTo(2.6922477716, 9)
  })

  it('is compared with the baseline’s earlier rate, with 20 requests at the prior share', () => {
    const block = { baseline: yes(27, 2_700), canary: yes(12, 300) }
    const known = stateOf(errors!, { memory: yes(9.8, 980) }) // (9.8 + 20·0.01)/(980 + 20)
    expect(
      scoreBlock(errors!, 'rise', { state: known, block, tolerable: 0.5, dispersion: 1 }).inferiority[0],
    ).toBeCloseTo(2.2142687144, 9)
    const worse = stateOf(errors!, { memory: yes(98, 980) })
    expect(
      scoreBlock(errors!, 'rise', { state: worse, block, tolerable: 0.5, dispersion: 1 }).inferiority[0],
    ).toBeLessThan(1) // 4 % is no surprise after 10 %
  })

  it('does not contain the dispersion, which tempers the sum', () => {
    const block = { baseline: yes(27, 2_700), canary: yes(12, 300) }
    expect(scoreBlock(errors!, 'rise', { state: unknown, block, tolerable: 0.5, dispersion: 4 })).toEqual(
      scoreBlock(errors!, 'rise', { state: unknown, block, tolerable: 0.5, dispersion: 1 }),
    )
  })

  it('is compared less what the users of the arms differ by', () => {
    const users = { offset: 0.004, harmSlack: 0, safetySlack: 0 }
    const scoreOf = (hits: number, more: Partial<typeof users> = {}) =>
      scoreBlock(errors!, 'rise', {
        state: { ...unknown, users: { ...users, ...more } },
        block: { baseline: yes(27, 2_700), canary: yes(hits, 300) },
        tolerable: 0.5,
        dispersion: 1,
      })
    expect(scoreOf(12).inferiority[0]).toBeCloseTo(1.2407848328, 9) // .044 against .014 more than .01
    expect(scoreOf(12, { harmSlack: 0.003 }).inferiority[0]).toBeCloseTo(0.6427660931, 9)
    expect(scoreOf(3, { safetySlack: 0.003 }).nonInferiority?.[0]).toBeCloseTo(2.7073142418, 9)
  })

  it('proves nothing if the users may differ by more than the margin', () => {
    const state = { ...unknown, users: { offset: 0, harmSlack: 0.05, safetySlack: 0.03 } }
    const block = { baseline: yes(27, 2_700), canary: yes(0, 300) }
    expect(scoreBlock(errors!, 'rise', { state, block, tolerable: 0.5, dispersion: 1 }).nonInferiority).toEqual([0, 0])
  })

  it('of a share that must not fall is compared with the opposite offset', () => {
    const [cats] = hypothesesOf(predictionShift(), { labels: ['cat', 'dog'], shares: [0.6, 0.4] })
    const arms = (cat: number) => ({ baseline: yes(1_620, 2_700), canary: yes(cat, 300) })
    const scoreOf = (side: 'rise' | 'fall', offset: number, cat: number) =>
      scoreBlock(cats!, side, {
        state: { ...stateOf(cats!, { memory: yes(600, 1_000) }), users: { offset, harmSlack: 0, safetySlack: 0 } },
        block: arms(cat),
        tolerable: 0.5,
        dispersion: 1,
      }).inferiority[0]!
    expect(scoreOf('fall', -0.1, 120)).toBeLessThan(scoreOf('fall', 0, 120)) // they said it less often before, too
    expect(scoreOf('fall', 0.1, 120)).toBeGreaterThan(scoreOf('fall', 0, 120))
    expect(scoreOf('rise', 0.1, 240)).toBeLessThan(scoreOf('rise', 0, 240))
  })

  it('is no evidence if an arm is empty', () => {
    for (const block of [
      { baseline: nothing, canary: yes(9, 9) },
      { baseline: yes(0, 9), canary: nothing },
      { baseline: nothing, canary: nothing },
    ]) {
      expect(scoreBlock(errors!, 'rise', { state: unknown, block, tolerable: 0.5, dispersion: 1 })).toEqual({
        inferiority: [0, 0, 0, 0],
        nonInferiority: [0, 0],
      })
    }
  })
})

describe('a block of a rare class', () => {
  const labels = { labels: ['cat', 'dog', 'eel'], shares: [0.595, 0.4, 0.005] }
  const loss = hypothesesOf(predictionShift(), labels).find(({ id }) => id.includes('loss'))!

  it('is scored for the loss of three quarters of its share, and of nearly all of it', () => {
    const state = stateOf(loss, { memory: yes(20, 4_000) })
    const block = { baseline: yes(45, 9_000), canary: yes(0, 1_000) }
    const { inferiority, nonInferiority } = scoreBlock(loss, 'fall', { state, block, tolerable: 0.5, dispersion: 1 })
    const counts = { baseline: { n: 9_000, x: 8_955 }, canary: { n: 1_000, x: 1_000 } }
    const scoreOf = (canary: number) => logBlockEvidence(counts, { canary, baseline: 0.995 }, 0.00125)
    expect(inferiority).toEqual(close(scoreOf(1 - 0.005 / 4), scoreOf(1 - 0.005 * 0.02)))
    expect(inferiority[1]).toBeGreaterThan(3)
    expect(nonInferiority).toBeNull()
  })

  it('that both versions hardly have any more is no evidence', () => {
    const state = stateOf(loss, { memory: yes(1, 4_000) })
    const block = { baseline: yes(1, 9_000), canary: yes(0, 1_000) }
    const { inferiority } = scoreBlock(loss, 'fall', { state, block, tolerable: 0.5, dispersion: 1 })
    expect(inferiority).toEqual([0, 0])
  })
})

describe('the side of a share', () => {
  const [cats] = hypothesesOf(predictionShift({ margin: 0.1 }), {
    labels: ['cat', 'dog', 'eel'],
    shares: [0.4, 0.3, 0.3],
  })

  it('mirrors: cats that become fewer score as non-cats that become more', () => {
    const fall = scoreBlock(cats!, 'fall', {
      state: stateOf(cats!, { memory: yes(340, 980) }),
      block: { baseline: yes(60, 200), canary: yes(9, 100) },
      tolerable: 0.5,
      dispersion: 1,
    })
    const rise = scoreBlock({ ...cats!, priorShare: 2 / 3 }, 'rise', {
      state: stateOf(cats!, { memory: yes(640, 980) }),
      block: { baseline: yes(140, 200), canary: yes(91, 100) },
      tolerable: 0.5,
      dispersion: 1,
    })
    expect(fall.inferiority).toEqual(close(...rise.inferiority))
    expect(fall.nonInferiority).toEqual(close(...rise.nonInferiority!))
  })
})

describe('an alternative', () => {
  const [errors] = hypothesesOf(errorRate({ margin: 0.02 }), {})
  const failing = { baseline: yes(950, 1_000), canary: yes(100, 100) }
  const harmAt = (rate: number) =>
    scoreBlock(errors!, 'rise', {
      state: stateOf(errors!, { memory: yes(rate * 1e9, 1e9) }),
      block: failing,
      tolerable: 0.5,
      dispersion: 1,
    }).inferiority

  it('is at most 0.999', () => {
    const [first, ...others] = harmAt(0.98) // 3, 6, 16 and 40 points more are all beyond it
    expect(first).toBeGreaterThan(0)
    for (const other of others) expect(other).toBe(first)
  })

  it('that is within what is tolerable after this cap gives no evidence', () => {
    expect(harmAt(0.9889).every((log) => log > 0)).toBe(true) // 0.999 is 1.01 points away, and one is tolerable
    expect(harmAt(0.989)).toEqual([0, 0, 0, 0])
    expect(harmAt(0.9995)).toEqual([0, 0, 0, 0])
  })
})

describe('a limit of a share', () => {
  const [, limit] = hypothesesOf(errorRate({ margin: 0.02, limit: 0.05 }), {})

  it('is compared with the canary alone', () => {
    const block = { baseline: yes(27, 2_700), canary: yes(12, 300) }
    const { inferiority, nonInferiority } = scoreBlock(limit!, 'rise', {
      state: stateOf(limit!),
      block,
      tolerable: 0.5,
      dispersion: 1,
    })
    // a tenth, three tenths, one and four margins above it: 12 ln(.052/.05) + 288 ln(.948/.95), and so on
    expect(inferiority).toEqual(
      close(-0.13630635595525709, -0.4647714896526687, -2.0902239133635137, -13.86886926810639),
    )
    expect(nonInferiority).toBeNull()
  })

  it('needs no baseline', () => {
    const sick = { baseline: nothing, canary: yes(60, 300) }
    expect(
      scoreBlock(limit!, 'rise', { state: stateOf(limit!), block: sick, tolerable: 0.5, dispersion: 1 }).inferiority,
    ).toEqual(close(1.8474470277013522, 5.2791246906395966, 15.08175856992439, 36.21818119461649))
  })

  it('that is less than the margin is exceeded by parts and multiples of itself', () => {
    const [, small] = hypothesesOf(errorRate({ margin: 0.02, limit: 0.005 }), {})
    const block = { baseline: nothing, canary: yes(12, 300) }
    expect(
      scoreBlock(small!, 'rise', { state: stateOf(small!), block, tolerable: 0.5, dispersion: 1 }).inferiority,
    ).toEqual(
      close(0.9989621646569514, 2.713872725594199, 6.866881486091675, 13.465338294914478), // of .55, .65, 1 and 2.5 %
    )
  })

  it('of 0 is refuted by a single hit, and not without one', () => {
    const [, none] = hypothesesOf(errorRate({ margin: 0.02, limit: 0 }), {})
    const harmOf = (hits: number) =>
      scoreBlock(none!, 'rise', {
        state: stateOf(none!),
        block: { baseline: nothing, canary: yes(hits, 300) },
        tolerable: 0.5,
        dispersion: 1,
      }).inferiority
    expect(harmOf(1)).toEqual([700, 700, 700, 700])
    expect(harmOf(0)[0]).toBeCloseTo(300 * Math.log(0.998), 9)
  })
})

describe('a block of means', () => {
  const [mean] = hypothesesOf(latency({ marginMs: 50 }), { capMs: 600 })
  const known = stateOf(mean!, { scatter: { baseline: spread(1_000, 100, 2_500), canary: spread(500, 110, 3_600) } })
  const slower = { baseline: spread(80, 100, 9_999), canary: spread(20, 180, 9_999) }

  it('is ((d − τΔ)θ − θ²/2)/v for harm, and ((Δ − d)θ − θ²/2)/v for safety, with the variance of earlier blocks', () => {
    // d 80, v = 2500/80 + 3600/20 = 211.25; θ = 50, 125, 375 beyond τΔ = 25, and θ = 50, 25 below Δ
    expect(scoreBlock(mean!, 'rise', { state: known, block: slower, tolerable: 0.5, dispersion: 1 })).toEqual({
      inferiority: close(7.100591715976331, -4.437869822485207, -235.20710059171597),
      nonInferiority: close(-13.017751479289942, -5.029585798816568),
    })
  })

  it('has the dispersion in its variance', () => {
    expect(scoreBlock(mean!, 'rise', { state: known, block: slower, tolerable: 0.5, dispersion: 3 })).toEqual({
      inferiority: close(2.366863905325444, -1.4792899408284024, -78.40236686390533),
      nonInferiority: close(-4.339250493096647, -1.6765285996055226),
    })
  })

  it('assumes that the canary varies at least half as much as the baseline', () => {
    const steady = stateOf(mean!, { scatter: { baseline: spread(1_000, 100, 2_500), canary: spread(500, 110, 400) } })
    expect(scoreBlock(mean!, 'rise', { state: steady, block: slower, tolerable: 0.5, dispersion: 1 })).toEqual({
      inferiority: close(16, -10, -530),
      nonInferiority: close(-29.333333333333332, -11.333333333333334),
    })
  })

  it('assumes that an unknown canary varies as the baseline does', () => {
    const fresh = stateOf(mean!, { scatter: { baseline: spread(1_000, 100, 2_500), canary: nothing } })
    const alike = stateOf(mean!, { scatter: { baseline: spread(1_000, 100, 2_500), canary: spread(9, 0, 2_500) } })
    expect(scoreBlock(mean!, 'rise', { state: fresh, block: slower, tolerable: 0.5, dispersion: 1 })).toEqual(
      scoreBlock(mean!, 'rise', { state: alike, block: slower, tolerable: 0.5, dispersion: 1 }),
    )
  })

  it('mirrors for a mean that must not fall', () => {
    const [worth] = hypothesesOf(metric('worth', { direction: 'must-not-fall', margin: 50 }), {})
    const less = { baseline: spread(80, -100, 0), canary: spread(20, -180, 0) }
    expect(scoreBlock(worth!, 'fall', { state: known, block: less, tolerable: 0.5, dispersion: 1 })).toEqual(
      scoreBlock(mean!, 'rise', { state: known, block: slower, tolerable: 0.5, dispersion: 1 }),
    )
  })

  it('is no evidence before a variance is known', () => {
    const nothingSaid = { inferiority: [0, 0, 0], nonInferiority: [0, 0] }
    expect(scoreBlock(mean!, 'rise', { state: stateOf(mean!), block: slower, tolerable: 0.5, dispersion: 1 })).toEqual(
      nothingSaid,
    )
    expect(
      scoreBlock(mean!, 'rise', { state: known, block: { ...slower, canary: nothing }, tolerable: 0.5, dispersion: 1 }),
    ).toEqual(nothingSaid)
  })

  it('assumes a standard deviation of a tenth of the margin for values that never varied', () => {
    const constant = stateOf(mean!, { scatter: { baseline: spread(1_000, 100, 0), canary: spread(9, 100, 0) } })
    const small = { baseline: spread(2, 100, 0), canary: spread(2, 180, 0) }
    // v = 25/2 + 12.5/2 = 18.75
    expect(scoreBlock(mean!, 'rise', { state: constant, block: small, tolerable: 0.5, dispersion: 1 })).toEqual({
      inferiority: close(80, -50, -700),
      nonInferiority: close(-146.66666666666666, -56.666666666666664),
    })
  })

  it('of a limit needs no baseline', () => {
    const [, limit] = hypothesesOf(latency({ marginMs: 50, limitMs: 150 }), { capMs: 600 })
    const alone = stateOf(limit!, { scatter: { baseline: nothing, canary: spread(500, 180, 3_600) } })
    const block = { baseline: nothing, canary: spread(20, 180, 0) }
    expect(scoreBlock(limit!, 'rise', { state: alone, block, tolerable: 0.5, dispersion: 1 }).inferiority).toEqual(
      close(0.7638888888888888, 1.875, 1.3888888888888888, -77.77777777777777),
    )
  })

  it('of a limit compares the canary’s mean alone', () => {
    const [, limit] = hypothesesOf(latency({ marginMs: 50, limitMs: 150 }), { capMs: 600 })
    // v = 3600/20; d = 180 − 150, θ = 5, 15, 50, 200
    expect(scoreBlock(limit!, 'rise', { state: known, block: slower, tolerable: 0.5, dispersion: 1 })).toEqual({
      inferiority: close(0.7638888888888888, 1.875, 1.3888888888888888, -77.77777777777777),
      nonInferiority: null,
    })
  })

  it.each([
    ['rise', 20, 24],
    ['fall', -20, -24],
  ] as const)('of a limit that is less than the margin counts in limits, also below zero: %s', (side, limit, mean) => {
    const direction = side === 'rise' ? 'must-not-rise' : 'must-not-fall'
    const [, beyond] = hypothesesOf(metric('profit', { direction, margin: 50, limit }), {})
    const block = { baseline: nothing, canary: spread(20, mean, 0) }
    // v = 3600/20; d = 4, θ = 2, 6, 20, 80
    expect(scoreBlock(beyond!, side, { state: known, block, tolerable: 0.5, dispersion: 1 }).inferiority).toEqual(
      close(0.03333333333333333, 0.03333333333333333, -0.6666666666666666, -16),
    )
  })
})
