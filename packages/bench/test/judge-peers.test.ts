import { emptySummary, type Judge, type StepContext, type Summary } from '@model-canary/core/judge'
import { describe, expect, it } from 'vitest'

const peer = (name: string) => import(`../src/judge/peers/${name}.mjs`)
const { flaggerJudge } = await peer('flagger')
const { kayentaJudge, labelOf, scoreOf } = await peer('kayenta')
const { growthbookJudge, halfWidth, lowerLimit } = await peer('growthbook')
const { locationShift, standardisedU } = await peer('location-shift')
const { normalTail } = await import(`../src/judge/${'draws'}.mjs`)

const context = { epoch: 1, step: 1 } as StepContext

/** Answers of which some failed; each took `meanMs`, and `slow` of them a second. */
function answers(requests: number, errors: number, { meanMs = 100, slow = 0 } = {}): Summary {
  const fast = requests - slow
  const us = meanMs * 1_000
  return {
    ...emptySummary(),
    begun: requests,
    outcomes: { success: requests - errors, error: errors, timeout: 0, aborted: 0, rejected: 0, ignored: 0 },
    latencyUs: {
      count: requests,
      sum: fast * us + slow * 1e6,
      sumOfSquares: fast * us * us + slow * 1e12 + requests, // a microsecond of spread
    },
    latencyBins: [
      ...(fast > 0 ? [[750, fast] as const] : []), // 102 to 103 ms
      ...(slow > 0 ? [[958, slow] as const] : []), // about a second
    ],
  }
}

/** The verdicts of a judge, look by look, within one step. */
function verdictsOf(judge: Judge, looks: readonly { baseline?: Summary; canary: Summary }[]): string[] {
  let evidence = judge.open(undefined, context)
  return looks.map(({ baseline = answers(900, 9), canary }) => {
    evidence = judge.update(evidence, { baseline, canary, elapsedMs: 60_000 }, context)
    return judge.decide(evidence, context, 60_000).kind
  })
}

describe('the checks of Flagger', () => {
  const judge = flaggerJudge({ minSuccessRate: 97, maxDurationMs: 720 })
  const good = { canary: answers(100, 3) }
  const bad = { canary: answers(100, 4) }

  it('advance at 97 % success and stay below it', () => {
    expect(verdictsOf(judge, [good, bad])).toEqual(['pass', 'inconclusive'])
  })

  it('look at the last minute alone', () => {
    expect(verdictsOf(judge, [bad, good])).toEqual(['inconclusive', 'pass'])
  })

  it('fail where the p99 is above its maximum, and not where one request in a hundred is', () => {
    const looks = [{ canary: answers(100, 0, { slow: 2 }) }, { canary: answers(100, 0, { slow: 1 }) }]
    expect(verdictsOf(judge, looks)).toEqual(['inconclusive', 'pass'])
  })

  it('fail where there are no values', () => {
    expect(verdictsOf(judge, [{ canary: emptySummary() }])).toEqual(['inconclusive'])
  })

  it('roll back at the run after the fifth failure, whatever that run would find', () => {
    expect(verdictsOf(judge, [bad, bad, bad, bad, bad, good])).toEqual([...Array(5).fill('inconclusive'), 'fail'])
  })

  it('add up failures over the steps, with passes in between', () => {
    const before = judge.update(
      judge.open(undefined, context),
      { baseline: answers(9, 0), canary: answers(100, 50), elapsedMs: 1 },
      context,
    )
    expect(judge.open(before, context)).toMatchObject({ failedChecks: 1 })
  })
})

describe('the Mann–Whitney interval', () => {
  // Ozone in May and in August 1973, from the data set `airquality` of R.
  const may = [41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37]
  const august = [
    39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85,
  ]

  it('matches the p-value of R’s wilcox.test, 0.0001208', () => {
    expect(2 * normalTail(-standardisedU(may, august))).toBeCloseTo(0.0001208, 7)
  })

  it('matches the 95 % interval of R’s wilcox.test, −53 to −15 around −32', () => {
    const { low, high, estimate } = locationShift(may, august, 1.959964)
    expect([low, high, estimate]).toEqual([expect.closeTo(-53, 4), expect.closeTo(-15, 4), expect.closeTo(-32, 4)])
  })
})

describe('the score of Kayenta', () => {
  const control = [1, 1.2, 0.9, 1.1, 0.8, 1.3, 1.05, 0.95, 1.15, 0.85]

  it('calls a metric high whose interval lies beyond a quarter of the estimate', () => {
    expect(
      labelOf(
        control,
        control.map((value) => value + 1),
      ),
    ).toBe('high') // 0.8 to 1.2 around 1
  })

  it('lets a metric pass whose interval holds 0, or that fell', () => {
    const alike = [1.1, 1.25, 0.97, 1.18, 0.88, 1.35, 1.12, 1.02, 1.2, 0.92] // −0.13 to 0.27 around 0.07
    expect(labelOf(control, alike)).toBe('pass')
    expect(
      labelOf(
        control,
        control.map((value) => value / 5),
      ),
    ).toBe('pass')
  })

  it('lets equal constants pass', () => {
    expect(labelOf([0, 0, 0], [0, 0])).toBe('pass')
  })

  it('is the share of groups that pass, and 0 without data', () => {
    expect(scoreOf(['pass', 'pass', 'high'])).toBeCloseTo(66.67, 2)
    expect(scoreOf(['no data', 'no data', 'no data'])).toBe(0)
    expect(labelOf(control, [])).toBe('no data')
  })

  it('is asked for after ten minutes of a step', () => {
    const minutes = Array.from({ length: 10 }, (_, minute) => ({
      baseline: answers(1_000, 10 + (minute % 3)),
      canary: answers(1_000, 11 - (minute % 2)),
    }))
    expect(verdictsOf(kayentaJudge(), minutes)).toEqual([...Array(9).fill('inconclusive'), 'pass'])
  })

  it('fails a step in which one series of three is high, and one without any data', () => {
    const worse = Array.from({ length: 10 }, (_, minute) => ({
      baseline: answers(1_000, 10 + (minute % 3)),
      canary: answers(1_000, 60 + (minute % 4)),
    }))
    expect(verdictsOf(kayentaJudge(), worse).at(-1)).toBe('fail')
    expect(verdictsOf(kayentaJudge(), Array(10).fill({ canary: emptySummary() })).at(-1)).toBe('fail')
  })
})

describe('the sequential interval of GrowthBook', () => {
  it('has the half-widths of the one-sided asymptotic confidence sequence', () => {
    expect([1_000, 5_000, 20_000].map(halfWidth)).toEqual([
      expect.closeTo(3.1524225, 6),
      expect.closeTo(2.7790942, 6),
      expect.closeTo(2.8681965, 6),
    ])
  })

  const rate = (count: number, errors: number) => ({
    count,
    mean: errors / count,
    variance: (errors / count) * (1 - errors / count),
  })

  it('has the lower limits that were computed elsewhere', () => {
    expect(lowerLimit(rate(2_700, 27), rate(300, 27))).toBeCloseTo(0.0332142445, 9)
    expect(lowerLimit(rate(2_700, 27), rate(300, 12))).toBeCloseTo(-0.0022755126, 9)
  })

  it('says nothing while an arm does not vary', () => {
    expect(lowerLimit(rate(2_700, 27), rate(300, 0))).toBeNaN()
  })

  it('pools the steps', () => {
    const judge = growthbookJudge()
    const block = { baseline: answers(900, 9), canary: answers(100, 9), elapsedMs: 60_000 }
    const first = judge.update(judge.open(undefined, context), block, context)
    const second = judge.update(judge.open(first, context), block, context)
    expect(judge.decide(second, context, 60_000).kind).toBe('fail')
  })

  it('rolls back a guardrail that is lost, on all that was counted, and else goes on', () => {
    const third = { baseline: answers(900, 9), canary: answers(100, 9) }
    expect(verdictsOf(growthbookJudge(), [third, third, third])).toEqual(['pass', 'fail', 'fail'])
    expect(verdictsOf(growthbookJudge(), [{ baseline: answers(2_700, 27), canary: answers(300, 12) }])).toEqual([
      'pass',
    ])
  })
})
