import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ArmStory, arm } from '../../guardrails/arm.fixture.js'
import type { Hypothesis } from '../../guardrails/hypothesis.js'
import { hypothesesOf, thresholdsOf } from '../../guardrails/kind-of.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { latency } from '../../guardrails/kinds/latency.js'
import { tailLatency } from '../../guardrails/kinds/tail-latency.js'
import { scoreBlock } from './block-score.js'
import { harmBy, policy, stateOf, yes } from './evidence.fixture.js'
import type { EProcesses, HypothesisState } from './hypothesis-state.js'
import { closeBlock, updateHypothesis } from './update-hypothesis.js'

const [errors] = hypothesesOf(errorRate({ margin: 0.02 }), {})
const [mean] = hypothesesOf(latency({ marginMs: 50 }), { capMs: 600 })
const [tail] = hypothesesOf(tailLatency(), thresholdsOf(tailLatency(), arm({ requests: 100 }))) // over 152 ms
const nothing = { count: 0, sum: 0, sumOfSquares: 0 }

interface Told {
  readonly baseline?: ArmStory
  readonly canary?: ArmStory
  readonly elapsedMs?: number
  readonly isTick?: boolean
  readonly isAlone?: boolean
  readonly isOutage?: boolean
  readonly dispersion?: number
}

/** A state that was told this. */
const told = (
  hypothesis: Hypothesis,
  state: HypothesisState,
  { baseline = {}, canary = {}, dispersion = 1, ...rest }: Told,
): HypothesisState =>
  updateHypothesis(
    hypothesis,
    { ...state, dispersion: { whole: dispersion, trimmed: dispersion } },
    {
      arms: { baseline: arm(baseline), canary: arm(canary) },
      elapsedMs: 1_000,
      isTick: false,
      isAlone: false,
      isOutage: false,
      ...rest,
    },
    policy,
  )

const isClosed = ({ open, openMs }: HypothesisState) =>
  open.baseline.count === 0 && open.canary.count === 0 && openMs === 0
const harmOf = ({ sides }: HypothesisState) => sides[0]!.inferiority
const start = Math.log(0.5)

describe('a block of shares', () => {
  it('is closed by five requests of each arm', () => {
    const four = told(errors!, stateOf(errors!), { baseline: { requests: 50 }, canary: { requests: 4 } })
    expect(four).toMatchObject({ open: { baseline: yes(0, 50), canary: yes(0, 4) }, openMs: 1_000 })
    expect(harmOf(four)).toEqual([start, start, start, start])
    const five = told(errors!, four, { canary: { requests: 1 } })
    expect(isClosed(five)).toBe(true)
    expect(harmOf(five)[0]).toBeLessThan(start)
    expect(isClosed(told(errors!, stateOf(errors!), { baseline: { requests: 4 }, canary: { requests: 50 } }))).toBe(
      false,
    )
  })

  it('is closed by a tick, regardless of its size', () => {
    const block = { baseline: { requests: 9 }, canary: { requests: 1, errors: 1 }, isTick: true }
    const one = told(errors!, stateOf(errors!), block)
    expect(isClosed(one)).toBe(true)
    expect(harmOf(one)[0]).toBeGreaterThan(start)
    expect(isClosed(told(errors!, stateOf(errors!), { isTick: true }))).toBe(true)
  })

  it('with one empty arm is kept until the other arm has requests', () => {
    const failed = { canary: { requests: 3, errors: 3 }, elapsedMs: 15_000, isTick: true }
    const waiting = told(errors!, told(errors!, stateOf(errors!), failed), { elapsedMs: 15_000, isTick: true })
    expect(waiting).toMatchObject({ open: { canary: yes(3, 3) }, openMs: 30_000 })
    const paired = told(errors!, waiting, { baseline: { requests: 100 }, elapsedMs: 15_000, isTick: true })
    const whole = { baseline: { requests: 100 }, canary: { requests: 3, errors: 3 }, isTick: true }
    expect(isClosed(paired)).toBe(true)
    expect(harmOf(paired)).toEqual(harmOf(told(errors!, stateOf(errors!), whole)))
    expect(harmOf(paired)[1]).toBeGreaterThan(start + 2)
  })

  it('with one empty arm is dropped when it is older than half an hour and has more than 200 requests', () => {
    const told30Min = (requests: number, elapsedMs = 1_800_000) =>
      told(errors!, stateOf(errors!), { baseline: { requests, errors: 1 }, elapsedMs, isTick: true })
    expect(isClosed(told30Min(199))).toBe(false)
    expect(isClosed(told30Min(200, 1_799_999))).toBe(false)
    const gone = told30Min(200)
    expect(isClosed(gone)).toBe(true)
    expect(harmOf(gone)).toEqual([start, start, start, start])
    expect(gone.memory).toEqual(yes(1, 200)) // what is let go is still learned from
  })

  it('with one empty arm is not kept at 100 %, or for a limit', () => {
    const alone = { canary: { requests: 3, errors: 3 }, isTick: true, isAlone: true }
    expect(isClosed(told(errors!, stateOf(errors!), alone))).toBe(true)
    const [, limit] = hypothesesOf(errorRate({ limit: 0.1 }), {})
    expect(isClosed(told(limit!, stateOf(limit!), { ...alone, isAlone: false }))).toBe(true)
  })

  it('is scored as a whole, regardless of its portions', () => {
    const parts = [{ baseline: { requests: 30, errors: 1 } }, { canary: { requests: 3 } }]
    const opened = parts.reduce((state, part) => told(errors!, state, part), stateOf(errors!))
    const inParts = told(errors!, opened, { baseline: { requests: 15 }, canary: { requests: 2, errors: 1 } })
    const whole = { baseline: { requests: 45, errors: 1 }, canary: { requests: 5, errors: 1 }, elapsedMs: 3_000 }
    expect(inParts).toEqual(told(errors!, stateOf(errors!), whole))
  })

  it('is tempered by the dispersion', () => {
    const block = { baseline: { requests: 90, errors: 1 }, canary: { requests: 10, errors: 2 } }
    const plain = told(errors!, stateOf(errors!), block)
    const noisy = told(errors!, stateOf(errors!), { ...block, dispersion: 4 })
    const tempered = harmOf(plain).map((log) => start + (log - start) / 4)
    expect(harmOf(noisy)).toEqual(tempered.map((log) => expect.closeTo(log, 12)))
    for (const of of ['nonInferiority', 'nonInferiorityInStep'] as const) {
      const [log, tempered] = [plain, noisy].map((state) => state.sides[0]![of][0]! - Math.log(0.85))
      expect(tempered).toBeCloseTo(log! / 4, 12)
    }
  })

  it('adds to the evidence, which is limited to ±700', () => {
    const sides = [{ ...harmBy([699, -699, 0, 0]), nonInferiority: [5, 5], nonInferiorityInStep: [1, 1] }]
    const outage = { baseline: { requests: 9_000 }, canary: { requests: 9_000, errors: 9_000 } }
    const [processes] = told(errors!, stateOf(errors!, { sides }), outage).sides
    expect(processes?.inferiority[0]).toBe(700)
    expect(processes?.nonInferiority).toEqual([-700, -700])
    const silence = { baseline: { requests: 90_000 }, canary: { requests: 90_000 } }
    expect(told(errors!, stateOf(errors!, { sides }), silence).sides[0]?.inferiority[1]).toBe(-700)
  })
})

describe('the expected rate of a block', () => {
  it('is learned from the block only after it was scored', () => {
    const known = stateOf(errors!, { memory: yes(10, 1_000) })
    const block = { baseline: { requests: 500, errors: 100 }, canary: { requests: 50, errors: 10 } }
    const after = told(errors!, known, block)
    const score = scoreBlock(errors!, 'rise', {
      state: known,
      block: { baseline: yes(100, 500), canary: yes(10, 50) },
      tolerable: 0.5,
      dispersion: 1,
    })
    expect(harmOf(after)).toEqual(score.inferiority.map((log) => expect.closeTo(start + log, 12)))
    expect(after.memory).toEqual(yes(110, 1_500))
  })

  it('is learned from the baseline also without requests of the canary', () => {
    const alone = { baseline: { requests: 300, errors: 9 }, elapsedMs: 1_800_000, isTick: true }
    expect(told(errors!, stateOf(errors!), alone).memory).toEqual(yes(9, 300))
  })

  it('is never learned from the canary', () => {
    const after = told(errors!, stateOf(errors!), { canary: { requests: 100, errors: 50 }, isTick: true })
    expect(after.memory).toEqual(nothing)
  })

  it('counts as at most 4,000 requests', () => {
    const known = stateOf(errors!, { memory: yes(40, 4_000) })
    const after = told(errors!, known, { baseline: { requests: 1_000, errors: 60 }, canary: { requests: 9 } })
    expect(after.memory).toEqual(yes(80, 4_000))
  })
})

describe('a pending flight', () => {
  it('counts as a hit once it is beyond the threshold', () => {
    const young = told(tail!, stateOf(tail!), { canary: { pending: [2, 100] } })
    expect(young.seen.canary).toEqual(nothing)
    const old = told(tail!, young, { canary: { pending: [2, 400] } })
    expect(old).toMatchObject({ seen: { canary: yes(2, 2) }, pendingHits: { canary: 2 } })
  })

  it('counts once, at any number of looks', () => {
    const hanging = { canary: { pending: [2, 400] } } as const
    const twice = told(tail!, told(tail!, stateOf(tail!), hanging), hanging)
    expect(twice.seen.canary).toEqual(yes(2, 2))
  })

  it('is not counted again when it ends', () => {
    const hanging = told(tail!, stateOf(tail!), { canary: { pending: [2, 400] } })
    const ended = told(tail!, hanging, { canary: { requests: 2, latencyMs: 9_000 } })
    expect(ended).toMatchObject({ seen: { canary: yes(2, 2) }, pendingHits: { canary: 0 } })
    const another = told(tail!, ended, { canary: { requests: 1, latencyMs: 9_000 } })
    expect(another.seen.canary).toEqual(yes(3, 3))
  })

  it('is distinguished from others that end in the same block', () => {
    const hanging = told(tail!, stateOf(tail!), { canary: { pending: [2, 400] } })
    const mixed = { requests: 10, slow: [5, 9_000], pending: [1, 500] } as const // one of the five was under way
    expect(told(tail!, hanging, { canary: mixed })).toMatchObject({
      seen: { canary: yes(6, 11) },
      pendingHits: { canary: 1 },
    })
  })

  it('that is aborted stays counted', () => {
    const hanging = told(tail!, stateOf(tail!), { canary: { pending: [3, 400] } })
    const left = told(tail!, hanging, { canary: { aborted: 3 } })
    expect(left.seen.canary).toEqual(yes(3, 3))
    const answered = told(tail!, left, { canary: { requests: 4 } })
    expect(answered.seen.canary).toEqual(yes(3, 7))
  })

  it('that is aborted does not hide the next slow one', () => {
    const hanging = told(tail!, stateOf(tail!), { canary: { pending: [3, 400] } })
    const left = told(tail!, hanging, { canary: { aborted: 3 } })
    expect(left.pendingHits.canary).toBe(0)
    const slow = told(tail!, left, { canary: { requests: 2, slow: [1, 9_000] } })
    expect(slow.seen.canary).toEqual(yes(4, 5))
  })

  it('makes up a block with others: five are enough', () => {
    const hanging = told(tail!, stateOf(tail!), { baseline: { requests: 45 }, canary: { pending: [5, 400] } })
    expect(isClosed(hanging)).toBe(true)
    expect(Math.max(...harmOf(hanging))).toBeGreaterThan(start + 6)
  })
})

describe('hung flights of a warm-up', () => {
  const [, hung] = hypothesesOf(tailLatency(), thresholdsOf(tailLatency(), arm({ requests: 100 }))) // over 1 s

  it('count while they hang, from five on', () => {
    const hanging = told(hung!, stateOf(hung!), { baseline: { requests: 245 }, canary: { pending: [5, 1_500] } })
    expect(hanging.seen.canary).toEqual(yes(5, 5))
    expect(Math.max(...harmOf(hanging))).toBeGreaterThan(start + 6)
  })

  it('do not count twice when they end', () => {
    const hanging = told(hung!, stateOf(hung!), { canary: { pending: [2, 9_000] } })
    const ended = told(hung!, hanging, { canary: { requests: 2, latencyMs: 9_500 } })
    expect(ended).toMatchObject({ seen: { canary: yes(2, 2) }, pendingHits: { canary: 0 } })
  })

  it('count each, also one after another', () => {
    const oneMore = (state: HypothesisState): HypothesisState => {
      const hanging = told(hung!, state, { canary: { pending: [1, 9_000] } })
      return told(hung!, hanging, { canary: { requests: 1, latencyMs: 9_500 } })
    }
    const six = [1, 2, 3, 4, 5, 6].reduce(oneMore, stateOf(hung!))
    expect(six).toMatchObject({ seen: { canary: yes(6, 6) }, pendingHits: { canary: 0 } })
  })

  it('count by their duration if no look saw them hang', () => {
    const ended = told(hung!, stateOf(hung!), { canary: { requests: 5, slow: [2, 9_500] } })
    expect(ended.seen.canary).toEqual(yes(2, 5))
  })

  it('are no evidence of safety', () => {
    const fine = told(hung!, stateOf(hung!), { baseline: { requests: 900 }, canary: { requests: 900 } })
    const [{ nonInferiority, nonInferiorityInStep }] = stateOf(hung!).sides as [EProcesses]
    expect(fine.sides).toMatchObject([{ nonInferiority, nonInferiorityInStep }])
  })
})

describe('a block of means', () => {
  const known = stateOf(mean!, {
    scatter: {
      baseline: { count: 1_000, sum: 100_000, sumOfSquares: 12_497_500 }, // mean 100, variance 2,500
      canary: nothing,
    },
  })
  const slow = { baseline: { requests: 90 }, canary: { requests: 10, latencyMs: 180 } }

  it('is closed by five seconds and ten requests of each arm together', () => {
    expect(isClosed(told(mean!, known, { ...slow, elapsedMs: 5_000 }))).toBe(true)
    expect(isClosed(told(mean!, known, { ...slow, elapsedMs: 4_999 }))).toBe(false)
    const nine = { ...slow, canary: { requests: 9 }, elapsedMs: 60_000 }
    expect(isClosed(told(mean!, known, nine))).toBe(false)
  })

  it('of a limit does not wait for the baseline', () => {
    const [, limit] = hypothesesOf(latency({ limitMs: 150 }), { capMs: 600 })
    const alone = { canary: { requests: 10, latencyMs: 300 }, elapsedMs: 5_000 }
    expect(isClosed(told(limit!, stateOf(limit!), alone))).toBe(true)
    expect(isClosed(told(mean!, known, alone))).toBe(false)
  })

  it('is not closed by a tick', () => {
    expect(isClosed(told(mean!, known, { ...slow, elapsedMs: 1_000, isTick: true }))).toBe(false)
  })

  it('contains the dispersion in its variance and is not tempered again', () => {
    const block = {
      baseline: { count: 90, sum: 9_000, sumOfSquares: 0 },
      canary: { count: 10, sum: 1_500, sumOfSquares: 0 },
    }
    const score = scoreBlock(mean!, 'rise', { state: known, block, tolerable: 0.5, dispersion: 3 })
    const after = closeBlock(
      mean!,
      { ...known, open: block, dispersion: { whole: 3, trimmed: 3 } },
      { isOutage: false },
      policy,
    )
    expect(harmOf(after)).toEqual(score.inferiority.map((log) => expect.closeTo(start + log, 12)))
  })

  it('adds at most 3 nats to harm, without a limit against harm and for safety', () => {
    const worse = told(mean!, known, { ...slow, canary: { requests: 100, latencyMs: 500 }, elapsedMs: 5_000 })
    expect(harmOf(worse)).toEqual([start + 3, start + 3, start + 3].map((log) => expect.closeTo(log, 12)))
    const same = { baseline: { requests: 900 }, canary: { requests: 900 }, elapsedMs: 5_000 }
    const better = told(mean!, known, same)
    expect(harmOf(better)[2]).toBeLessThan(-100)
    expect(better.sides[0]!.nonInferiority[0]).toBeGreaterThan(100)
  })

  it('adds to the variance of both arms, in which older blocks decay by 2 %', () => {
    const after = told(mean!, known, { ...slow, elapsedMs: 5_000 })
    expect(after.scatter.baseline.count).toBeCloseTo(0.98 * 1_000 + 90, 9)
    expect(after.scatter.baseline.sum).toBeCloseTo(0.98 * 100_000 + 90 * 99.8395, 6)
    expect(after.scatter.canary.count).toBe(10)
    expect(after.memory).toEqual(known.memory)
  })

  it('is scored by the variance of earlier blocks', () => {
    const after = told(mean!, known, { ...slow, elapsedMs: 5_000 })
    const seen = { baseline: after.seen.baseline, canary: after.seen.canary }
    const { inferiority } = scoreBlock(mean!, 'rise', { state: known, block: seen, tolerable: 0.5, dispersion: 1 })
    expect(harmOf(after)[1]).toBeCloseTo(start + inferiority[1]!, 12)
  })
})

describe('closing', () => {
  const counts = fc.record({ requests: fc.nat(12), errors: fc.nat(12), slow: fc.nat(12) })
  const storyOf = ({ requests, errors, slow }: { requests: number; errors: number; slow: number }): ArmStory => ({
    requests,
    errors: Math.min(errors, requests),
    slow: [Math.min(slow, requests), 500],
  })
  const step = fc.record({ baseline: counts, canary: counts, elapsedMs: fc.nat(3_000), isTick: fc.boolean() })

  it.each([
    ['errors', errors!],
    ['a tail', tail!],
    ['means', mean!],
  ])('of %s depends on counts and time alone, never on outcomes', (_, hypothesis) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let state = stateOf(hypothesis)
        let blank = stateOf(hypothesis)
        for (const { baseline, canary, ...rest } of steps) {
          state = told(hypothesis, state, { baseline: storyOf(baseline), canary: storyOf(canary), ...rest })
          blank = told(hypothesis, blank, {
            baseline: { requests: baseline.requests },
            canary: { requests: canary.requests },
            ...rest,
          })
          expect(state.openMs).toBe(blank.openMs)
          expect(state.open.baseline.count).toBe(blank.open.baseline.count)
          expect(state.open.canary.count).toBe(blank.open.canary.count)
        }
      }),
    )
  })
})
