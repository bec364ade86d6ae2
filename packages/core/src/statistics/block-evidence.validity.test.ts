import { seededRandom } from '@model-canary/testing'
import { describe, expect, it } from 'vitest'
import type { ByVariant } from '../foundation/vocabulary.js'
import { type BinomialCounts, logBlockEvidence, logLikelihoodRatio, project } from './block-evidence.js'

type Rates = ByVariant<number>
type Block = ByVariant<BinomialCounts>

const rates = (canary: number, baseline: number): Rates => ({ canary, baseline })
const blockOf = (xc: number, nc: number, xb: number, nb: number): Block => ({
  canary: { n: nc, x: xc },
  baseline: { n: nb, x: xb },
})

/** e of every outcome of a block, the canary's hits outside. */
function tableOf({ canary, baseline }: Rates, score: (block: Block) => number): number[] {
  const table: number[] = []
  for (let xc = 0; xc <= canary; xc += 1) {
    for (let xb = 0; xb <= baseline; xb += 1) table.push(Math.exp(score(blockOf(xc, canary, xb, baseline))))
  }
  return table
}

/** The exact expectation of such a table: the sum over every outcome. */
function expectationOf(shape: Rates, table: readonly number[], truth: Rates): number {
  const ofBaseline = binomial(shape.baseline, truth.baseline)
  return binomial(shape.canary, truth.canary).reduce(
    (sum, pc, xc) =>
      sum + pc * ofBaseline.reduce((inner, pb, xb) => inner + pb * table[xc * ofBaseline.length + xb]!, 0),
    0,
  )
}

function binomial(n: number, p: number): number[] {
  let choose = 1
  return Array.from({ length: n + 1 }, (_, x) => {
    const term = choose * p ** x * (1 - p) ** (n - x)
    choose = (choose * (n - x)) / (x + 1)
    return term
  })
}

const SHAPES = [rates(5, 45), rates(5, 5), rates(20, 5), rates(1, 9)]
const MARGINS = [0.005, 0.02, 0.1, 0.3]
const EXPECTED = [0.0005, 0.01, 0.05, 0.3, 0.7, 0.98, 0.9995]
const TRUE_BASELINES = [0.001, 0.01, 0.05, 0.2, 0.5, 0.9, 0.99]

/** What is looked for, in margins, and where the null ends; rates on the boundary and further inside. */
const WAYS = {
  rollback: {
    shifts: [1.5, 3, 8, 20],
    tolerable: 0.5,
    nulls: (b: number, delta0: number) => [b + delta0, b + delta0 / 2, b, b / 2, 0],
  },
  promotion: {
    shifts: [0, 0.5],
    tolerable: 1,
    nulls: (b: number, delta0: number) => [b + delta0, b + 1.5 * delta0, b + 3 * delta0, (b + delta0 + 1) / 2, 1],
  },
} as const

type Way = keyof typeof WAYS

/** What the judge takes for the alternative: no rate above .999, nothing where it would not lie beyond the boundary. */
function clamped(expected: number, shift: number, delta0: number, way: Way): Rates | undefined {
  const canary = Math.min(expected + shift, 0.999)
  return way === 'rollback' && canary - expected <= 1.001 * delta0 ? undefined : rates(canary, expected)
}

const unclamped = (expected: number, shift: number): Rates => rates(Math.min(expected + shift, 0.999), expected)

/** The largest E[e] over shapes, margins, expected rates and nulls, for hits that must not rise or must not fall. */
function largestExpectation(way: Way, side: 'rise' | 'fall', rule: typeof clamped): number {
  const { shifts, tolerable, nulls } = WAYS[way]
  const turned = (p: number) => (side === 'rise' ? p : 1 - p)
  let largest = 0
  for (const [shape, margin, expected, shift] of product(SHAPES, MARGINS, EXPECTED, shifts)) {
    const delta0 = tolerable * margin
    const alternative = rule(turned(expected), shift * margin, delta0, way)
    const score = ({ canary, baseline }: Block): number => {
      if (alternative === undefined) return 0
      if (side === 'rise') return logBlockEvidence({ canary, baseline }, alternative, delta0)
      const misses = blockOf(canary.n - canary.x, canary.n, baseline.n - baseline.x, baseline.n)
      return logBlockEvidence(misses, alternative, delta0)
    }
    const table = tableOf(shape, score)
    for (const b of TRUE_BASELINES) {
      for (const c of nulls(b, delta0)) {
        if (c > 1 || (way === 'promotion' && c - b < delta0)) continue
        largest = Math.max(largest, expectationOf(shape, table, rates(turned(c), turned(b))))
      }
    }
  }
  return largest
}

function product<A, B, C, D>(a: readonly A[], b: readonly B[], c: readonly C[], d: readonly D[]): [A, B, C, D][] {
  return a.flatMap((w) => b.flatMap((x) => c.flatMap((y) => d.map((z): [A, B, C, D] => [w, x, y, z]))))
}

describe('validity, by the sum over every outcome', () => {
  it.each([
    ['rollback', 'rise'],
    ['rollback', 'fall'],
    ['promotion', 'rise'],
    ['promotion', 'fall'],
  ] as const)('on the null of a %s for a %s, e is 1 at most in expectation', (way, side) => {
    const largest = largestExpectation(way, side, clamped)
    expect(largest).toBeLessThanOrEqual(1 + 1e-9)
    expect(largest).toBeGreaterThan(0.999) // and not for want of evidence
  })

  it('grows under the alternative by the divergence per request, as no other e-variable grows faster', () => {
    const table = tableOf(rates(10, 90), (block) => logBlockEvidence(block, rates(0.04, 0.01), 0.01))
    expect(expectationOf(rates(10, 90), table.map(Math.log), rates(0.04, 0.01)) / 10).toBeCloseTo(0.00738089571, 10)
  })

  it('needs the rule that an alternative lies beyond the boundary', () => {
    expect(largestExpectation('rollback', 'rise', unclamped)).toBeGreaterThan(17)
  })

  it('needs the share of the block itself: that of the plan is wrong where the real one is 0.7 of it', () => {
    const shape = rates(70, 930)
    const alternative = rates(0.04, 0.01)
    const planned = project(alternative, 0.01, 0.1)
    const ofPlan = tableOf(
      shape,
      ({ canary, baseline }) =>
        logLikelihoodRatio(canary, alternative.canary, planned.canary) +
        logLikelihoodRatio(baseline, alternative.baseline, planned.baseline),
    )
    const ofBlock = tableOf(shape, (block) => logBlockEvidence(block, alternative, 0.01))
    expect(expectationOf(shape, ofPlan, rates(0.02, 0.01))).toBeGreaterThan(1.01)
    expect(expectationOf(shape, ofBlock, rates(0.02, 0.01))).toBeLessThanOrEqual(1 + 1e-9)
  })
})

/** Hits among so many trials, by skipping from one to the next. */
function hitsOf(random: () => number, n: number, p: number): number {
  const scale = 1 / Math.log1p(-p)
  let hits = -1
  for (let at = 0; at <= n; hits += 1) at += 1 + Math.floor(Math.log(1 - random()) * scale)
  return hits
}

interface Traffic {
  readonly share: number
  readonly blockSize: number
  readonly blocks: number
  /** The rates in the block of that number. */
  readonly ratesAt: (block: number) => Rates
}

/**
 * Canary requests until the evidence of one rollout first reached 20, or `undefined` if it never did. It is looked at
 * after every block; the share is drawn in every block, and the expected rate learnt from the blocks before it.
 */
function requestsToAlarm(
  random: () => number,
  { share, blockSize, blocks, ratesAt }: Traffic,
  way: Way,
): number | undefined {
  const weights = way === 'rollback' ? [0.35, 0.3, 0.2, 0.15] : [0.7, 0.3]
  const delta0 = WAYS[way].tolerable * 0.02
  const logs = weights.map(() => 0)
  let hits = 0
  let trials = 0
  let exposed = 0
  for (let block = 0; block < blocks; block += 1) {
    const now = ratesAt(block)
    const n = hitsOf(random, blockSize, share)
    const xb = hitsOf(random, blockSize - n, now.baseline)
    const counts = blockOf(hitsOf(random, n, now.canary), n, xb, blockSize - n)
    WAYS[way].shifts.forEach((shift, at) => {
      const alternative = clamped((hits + 20 * 0.01) / (trials + 20), shift * 0.02, delta0, way)
      if (alternative !== undefined) logs[at]! += logBlockEvidence(counts, alternative, delta0)
    })
    hits += xb
    trials += blockSize - n
    exposed += n
    if (logs.reduce((sum, log, at) => sum + weights[at]! * Math.exp(log), 0) >= 20) return exposed
  }
  return undefined
}

describe('statistics', () => {
  const RUNS = 1_000
  const UPPER = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / RUNS)
  const drifting = (block: number) => 0.02 + 0.015 * Math.sin(block / 7)

  function alarms(traffic: Traffic, way: Way): number[] {
    const random = seededRandom(20_261_125)
    const all = Array.from({ length: RUNS }, () => requestsToAlarm(random, traffic, way))
    return all.filter((exposed) => exposed !== undefined)
  }

  it.each([
    [0.01, 50],
    [0.01, 500],
    [0.1, 10],
    [0.1, 50],
    [0.1, 500],
    [0.5, 10],
    [0.5, 100],
  ])(
    'at a share of %d in blocks of %d, a rate that drifts on the boundary alarms in one rollout of twenty at most',
    (share, blockSize) => {
      const harmed = {
        share,
        blockSize,
        blocks: 100,
        ratesAt: (block: number) => rates(drifting(block) + 0.01, drifting(block)),
      }
      expect(alarms(harmed, 'rollback').length / RUNS).toBeLessThanOrEqual(UPPER)
      const unsafe = { ...harmed, ratesAt: (block: number) => rates(drifting(block) + 0.02, drifting(block)) }
      expect(alarms(unsafe, 'promotion').length / RUNS).toBeLessThanOrEqual(UPPER)
    },
  )

  it('finds three points more against a margin of two in fewer than 650 canary requests, as a rule', () => {
    const found = alarms({ share: 0.1, blockSize: 50, blocks: 500, ratesAt: () => rates(0.04, 0.01) }, 'rollback')
    expect(found.length).toBeGreaterThanOrEqual(0.99 * RUNS)
    expect(found.sort((a, b) => a - b)[RUNS / 2]).toBeLessThan(650)
  })

  it('proves an equal canary safe', () => {
    const proved = alarms({ share: 0.1, blockSize: 50, blocks: 500, ratesAt: () => rates(0.01, 0.01) }, 'promotion')
    expect(proved.length).toBeGreaterThanOrEqual(0.99 * RUNS)
  })
})
