import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByVariant } from '../foundation/vocabulary.js'
import { type BinomialCounts, logBlockEvidence, project } from './block-evidence.js'

type Rates = ByVariant<number>
type Block = ByVariant<BinomialCounts>

const rates = (canary: number, baseline: number): Rates => ({ canary, baseline })
const blockOf = (xc: number, nc: number, xb: number, nb: number): Block => ({
  canary: { n: nc, x: xc },
  baseline: { n: nb, x: xb },
})

/** Kullback–Leibler divergence of a yes/no with rate p from one with rate q. */
const divergence = (p: number, q: number): number => p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q))

describe('project', () => {
  // found with scipy 1.17.1, to 60 digits with Python's decimal
  it.each([
    [0.04, 0.01, 0.01, 0.1, 0.0111158432515379, 0.00738089571],
    [0.06, 0.01, 0.01, 0.1, 0.012334897504363, 0.024514220904],
    [0.21, 0.01, 0.01, 0.25, 0.0518415285546588, 0.19982809746],
    [0.01, 0.01, 0.02, 0.1, 0.0093048905729643, 0.008974159239],
    [0.05, 0.05, 0.02, 0.1, 0.0485122626447069, 0.003159241918],
    [0.8, 0.6, 0.05, 0.1, 0.61584923773359, 0.048938155816],
    [0.999, 0.985, 0.01, 0.1, 0.9861311980832439, 0.00193017003],
    [1e-6, 1e-6, 0.02, 0.02, 9.7960116194e-7, 0.020192793507],
    [0.3, 1e-6, 0.01, 0.5, 0.1408786277005272, 0.222838829814],
    [0.995, 0.995, 0.02, 0.01, 0.9799349359057349, 0.831810338542],
    [0.5, 0.5, 0.9, 0.1, 0.0891414494616557, 6.634431691937],
    [0.9999, 1e-6, 0.91, 0.46, 1.539182315296476e-5, 0.093517804358], // a free Newton step would leave the bracket
    [0.0002, 0.0001, 0.00005, 0.0001, 0.00010000333364817, 7.537109e-6],
  ])(
    'finds the null next to (%d, %d) at a difference of %d and a share of %d',
    (c1, b1, delta0, share, b0, perRequest) => {
      const { canary, baseline } = project(rates(c1, b1), delta0, share)
      expect(baseline / b0).toBeCloseTo(1, 9)
      expect(canary).toBeCloseTo(b0 + delta0, 12)
      expect(divergence(c1, canary) + ((1 - share) / share) * divergence(b1, baseline)).toBeCloseTo(perRequest, 11)
    },
  )
})

describe('logBlockEvidence', () => {
  it.each([
    [blockOf(12, 300, 27, 2700), rates(0.04, 0.01), 0.01, 2.21426871439072],
    [blockOf(6, 300, 27, 2700), rates(0.04, 0.01), 0.01, -1.73574640548716],
    [blockOf(3, 300, 27, 2700), rates(0.01, 0.01), 0.02, 2.69224777161998],
    [blockOf(0, 5, 0, 45), rates(0.04, 0.01), 0.01, -0.04665136162607],
    [blockOf(5, 5, 0, 45), rates(0.04, 0.01), 0.01, 3.24502790493883],
    [blockOf(40, 50, 30, 50), rates(0.8, 0.6), 0.05, 1.36920459349985],
  ])('matches scipy on %j', (block, alternative, delta0, expected) => {
    expect(logBlockEvidence(block, alternative, delta0)).toBeCloseTo(expected, 11)
  })

  it('is no evidence where an arm is empty', () => {
    expect(logBlockEvidence(blockOf(0, 0, 27, 2700), rates(0.04, 0.01), 0.01)).toBe(0)
    expect(logBlockEvidence(blockOf(12, 300, 0, 0), rates(0.04, 0.01), 0.01)).toBe(0)
  })

  it('refutes a margin of 1 outright, with a number', () => {
    expect(logBlockEvidence(blockOf(0, 5, 0, 45), rates(0.01, 0.01), 1)).toBe(700)
    expect(logBlockEvidence(blockOf(5, 5, 1, 45), rates(0.01, 0.01), 1)).toBe(700)
  })
})

describe('properties', () => {
  const rate = fc.oneof(
    fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }),
    fc.double({ min: 0, max: 13, noNaN: true }).map((x) => Math.exp(-x) * (1 - 1e-6)),
  )
  const delta0 = fc.oneof(
    rate.map((p) => 0.99 * p),
    rate.map((p) => -0.99 * p),
  )
  const share = fc.oneof(
    rate,
    rate.map((p) => 1 - p),
  )
  const trials = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 1_000_000 }))
  const counts = fc
    .tuple(trials, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([n, p]) => ({ n, x: Math.round(n * p) }))
  const block = fc.record({ canary: counts, baseline: counts })
  const alternative = fc.record({ canary: rate, baseline: rate })

  it('the projection lies on the boundary, and both of its rates between 0 and 1', () => {
    fc.assert(
      fc.property(alternative, delta0, share, (alternative, delta0, share) => {
        const { canary, baseline } = project(alternative, delta0, share)
        expect(canary - baseline).toBeCloseTo(delta0, 12)
        for (const p of [canary, baseline]) expect(p > 0 && p < 1).toBe(true)
      }),
    )
  })

  it('no other pair on the boundary is closer: there the gradient is 0, as far as a number of 53 bits can tell', () => {
    fc.assert(
      fc.property(alternative, delta0, share, (alternative, delta0, share) => {
        const { canary, baseline } = project(alternative, delta0, share)
        const ofCanary = canary * (1 - canary)
        const ofBaseline = baseline * (1 - baseline)
        const pull = (share * (canary - alternative.canary)) / ofCanary
        const counter = ((1 - share) * (baseline - alternative.baseline)) / ofBaseline
        const rounding = (Math.abs(pull) + share) / ofCanary + (Math.abs(counter) + 1 - share) / ofBaseline
        const tolerance = 4e-15 * rounding + 1e-11 * (Math.abs(pull) + Math.abs(counter))
        expect(Math.abs(pull + counter)).toBeLessThanOrEqual(tolerance)
      }),
      { numRuns: 1_000 },
    )
  })

  it('is a finite number for all counts and all rates between 0 and 1', () => {
    fc.assert(
      fc.property(block, alternative, delta0, (block, alternative, delta0) => {
        expect(Number.isFinite(logBlockEvidence(block, alternative, delta0))).toBe(true)
      }),
    )
  })

  it('asks the same of misses as of hits, and of the arms the other way round', () => {
    const missesOf = ({ n, x }: BinomialCounts): BinomialCounts => ({ n, x: n - x })
    const margin = fc.double({ min: 0.001, max: 0.5, noNaN: true })
    const plain = fc.double({ min: 0.001, max: 0.999, noNaN: true })
    fc.assert(
      fc.property(block, plain, plain, margin, ({ canary, baseline }, c, b, delta0) => {
        const log = logBlockEvidence({ canary, baseline }, rates(c, b), delta0)
        const mirrored = { canary: missesOf(canary), baseline: missesOf(baseline) }
        const tolerance = 1e-9 * (1 + canary.n + baseline.n)
        expect(Math.abs(logBlockEvidence(mirrored, rates(1 - c, 1 - b), -delta0) - log)).toBeLessThan(tolerance)
        const swapped = { canary: baseline, baseline: canary }
        expect(Math.abs(logBlockEvidence(swapped, rates(b, c), -delta0) - log)).toBeLessThan(tolerance)
      }),
    )
  })

  it('says nothing where the alternative lies on the boundary itself', () => {
    fc.assert(
      fc.property(block, fc.double({ min: 0.01, max: 0.5, noNaN: true }), (block, p) => {
        expect(Math.abs(logBlockEvidence(block, rates(p + 0.25, p), 0.25))).toBeLessThan(1e-8)
      }),
    )
  })

  it('is valid for every pair of rates of the null, of every alternative', () => {
    const plain = fc.double({ min: 0.001, max: 0.999, noNaN: true })
    const margin = fc.double({ min: 0.001, max: 0.5, noNaN: true })
    const share = fc.double({ min: 0.01, max: 0.99, noNaN: true })
    const pair = fc.record({ canary: plain, baseline: plain })
    const factor = (p: number, p1: number, p0: number) => (p * p1) / p0 + ((1 - p) * (1 - p1)) / (1 - p0)
    fc.assert(
      fc.property(pair, margin, share, pair, (alternative, delta0, share, truth) => {
        const isHarm = alternative.canary - alternative.baseline > delta0
        const difference = truth.canary - truth.baseline
        fc.pre(isHarm ? difference <= delta0 : difference >= delta0)
        const { canary, baseline } = project(alternative, delta0, share)
        const ofCanary = factor(truth.canary, alternative.canary, canary)
        const ofBaseline = factor(truth.baseline, alternative.baseline, baseline)
        expect(share * ofCanary + (1 - share) * ofBaseline).toBeLessThanOrEqual(1 + 1e-9)
      }),
      { numRuns: 1_000 },
    )
  })
})
