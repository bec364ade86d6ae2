import { describe, expect, it } from 'vitest'
import { constants } from '../arm.fixture.js'
import { errorRate } from '../error-rate.js'
import { predictionShift } from '../prediction-shift.js'
import { threadOf, yes } from './evidence.fixture.js'
import { questionsOf } from './questions.js'
import { halted, nextStep, remember, type Strand, startThread, withMass } from './thread.js'

const [errors] = questionsOf(errorRate(), { kind: 'none' })
const [cats] = questionsOf(predictionShift(), { kind: 'classes', labels: ['cat', 'dog', 'eel'] })
const nothing = { count: 0, sum: 0, sumOfSquares: 0 }

const strand: Strand = { harm: [3, 1, -2, -700], safety: [4, -1], fresh: [2, 0.5] }
const busy = threadOf(errors!, {
  strands: [strand],
  open: { baseline: yes(1, 9), canary: yes(0, 1) },
  openMs: 400,
  underWay: { baseline: 1, canary: 2 },
  seen: { baseline: yes(10, 900), canary: yes(1, 100) },
  memory: yes(30, 3_000),
  scatter: { baseline: constants([9, 1]), canary: constants([9, 2]) },
})

describe('a thread at its start', () => {
  it('has half of its mass on harm from the beginning, for every alternative and side', () => {
    const { strands } = startThread(cats!, nothing)
    expect(strands).toHaveLength(2)
    for (const { harm, safety, fresh } of strands) {
      expect(harm.map(Math.exp)).toEqual([0.5, 0.5, 0.5].map((mass) => expect.closeTo(mass, 12)))
      expect([...safety, ...fresh]).toEqual([0, 0, 0, 0])
    }
  })

  it('knows of the baseline what its past says, as of 4,000 requests at the most', () => {
    expect(startThread(errors!, yes(30, 3_000)).memory).toEqual(yes(30, 3_000))
    expect(startThread(errors!, yes(400, 40_000)).memory).toEqual(yes(40, 4_000))
    expect(startThread(errors!, nothing).memory).toEqual(nothing)
  })

  it('takes the scatter of the baseline from all of the past, and knows none of the canary', () => {
    const past = constants([9_000, 100], [1_000, 200])
    expect(startThread(errors!, past).scatter).toEqual({ baseline: past, canary: nothing })
  })
})

describe('the memory of the baseline', () => {
  it('adds a block, and scales to 4,000 requests what is more than these', () => {
    expect(remember(yes(20, 2_000), yes(0, 1_000))).toEqual(yes(20, 3_000))
    expect(remember(yes(40, 4_000), yes(40, 1_000))).toEqual(yes(64, 4_000))
  })

  it('so forgets an old rate by and by', () => {
    let memory = yes(400, 4_000)
    for (let block = 0; block < 100; block += 1) memory = remember(memory, yes(2, 200))
    expect(memory.sum / memory.count).toBeCloseTo(0.01 + 0.09 * (4_000 / 4_200) ** 100, 12)
  })
})

describe('mass for a new moment', () => {
  it('joins what the evidence of harm has become, and no evidence of safety', () => {
    const [after] = withMass(busy, 0.06).strands
    expect(after?.harm[0]).toBeCloseTo(Math.log(Math.exp(3) + 0.06), 12)
    expect(after?.harm[3]).toBeCloseTo(Math.log(0.06), 12) // a healthy past is no debt
    expect(after).toMatchObject({ safety: strand.safety, fresh: strand.fresh })
  })

  it('of nothing changes nothing', () => {
    expect(withMass(busy, 0)).toBe(busy)
  })
})

describe('the next step', () => {
  it('carries the evidence of harm whole, half of that of safety, and none that is this step’s alone', () => {
    expect(nextStep(busy, false).strands).toEqual([{ harm: strand.harm, safety: [2, -0.5], fresh: [0, 0] }])
  })

  it('carries the evidence of safety whole out of a warm-up and into one', () => {
    expect(nextStep(busy, true).strands).toEqual([{ ...strand, fresh: [0, 0] }])
  })

  it('takes none of the counts, and keeps what is known of the baseline', () => {
    expect(nextStep(busy, false)).toMatchObject({
      open: { baseline: nothing, canary: nothing },
      openMs: 0,
      underWay: { baseline: 0, canary: 0 },
      seen: { baseline: nothing, canary: nothing },
      memory: busy.memory,
      scatter: busy.scatter,
    })
  })
})

describe('a halt after an alarm', () => {
  it('cuts the evidence of harm by as much as the alarm has beyond even odds', () => {
    expect(halted(busy, 2.5).strands[0]?.harm).toEqual([0.5, -1.5, -4.5, -702.5])
  })

  it('takes back all evidence of safety', () => {
    expect(halted(busy, 2.5).strands[0]).toMatchObject({ safety: [0, 0], fresh: [0, 0] })
  })

  it('never adds evidence: of an alarm below even odds nothing is cut', () => {
    expect(halted(busy, -4).strands[0]?.harm).toEqual(strand.harm)
    expect(halted(busy, Number.NEGATIVE_INFINITY).strands[0]?.harm).toEqual(strand.harm)
  })
})
