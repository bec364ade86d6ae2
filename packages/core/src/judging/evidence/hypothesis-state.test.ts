import { describe, expect, it } from 'vitest'
import { constants } from '../../guardrails/arm.fixture.js'
import { hypothesesOf } from '../../guardrails/kind-of.js'
import { errorRate } from '../../guardrails/kinds/error-rate.js'
import { predictionShift } from '../../guardrails/kinds/prediction-shift.js'
import { harmBy, stateOf, yes } from './evidence.fixture.js'
import {
  changed,
  type EProcesses,
  halted,
  nextStep,
  remember,
  startHypothesis,
  withPriorWeight,
} from './hypothesis-state.js'

const [errors] = hypothesesOf(errorRate(), {})
const [cats] = hypothesesOf(predictionShift(), { labels: ['cat', 'dog', 'eel'], shares: [0.4, 0.3, 0.3] })
const nothing = { count: 0, sum: 0, sumOfSquares: 0 }

/** The logarithms of what is said. */
const logs = (...numbers: readonly number[]) => numbers.map((number) => expect.closeTo(Math.log(number), 12))

const processes: EProcesses = {
  ...harmBy([3, 1, -2, -700]),
  nonInferiority: [4, -1],
  nonInferiorityInStep: [2, 0.5],
}
const busy = stateOf(errors!, {
  sides: [processes],
  open: { baseline: yes(1, 9), canary: yes(0, 1) },
  openMs: 400,
  pendingHits: { baseline: 1, canary: 2 },
  seen: { baseline: yes(10, 900), canary: yes(1, 100) },
  memory: yes(30, 3_000),
  scatter: { baseline: constants([9, 1]), canary: constants([9, 2]) },
})

describe('a changed state', () => {
  const before = { ...busy, users: { offset: 1, harmSlack: 2, safetySlack: 3 } }

  it.each([...Object.keys(startHypothesis(cats!, nothing)), 'learned'])(
    'has another %s, and all else as before',
    (name) => {
      const other = { [name]: name === 'openMs' ? 7 : { of: name } } as Partial<typeof busy>
      expect(changed(before, other)).toEqual({ ...before, ...other })
    },
  )

  it('may no longer know how the users differ', () => {
    expect(changed(before, { users: null })).toEqual({ ...before, users: null })
  })
})

describe('a state at its start', () => {
  it('has half of its prior weight on harm from the beginning, for every alternative and side', () => {
    const { sides } = startHypothesis(cats!, nothing)
    expect(sides).toHaveLength(2)
    for (const { inferiority } of sides) expect(inferiority).toEqual(logs(0.5, 0.5, 0.5))
  })

  it('has 0.85 of its prior weight on safety that is gathered from the beginning', () => {
    for (const { nonInferiority, nonInferiorityInStep } of startHypothesis(cats!, nothing).sides) {
      expect([...nonInferiority, ...nonInferiorityInStep]).toEqual(logs(0.85, 0.85, 0.85, 0.85))
    }
  })

  it('knows the baseline from its history, as at most 4,000 requests', () => {
    expect(startHypothesis(errors!, yes(30, 3_000)).memory).toEqual(yes(30, 3_000))
    expect(startHypothesis(errors!, yes(400, 40_000)).memory).toEqual(yes(40, 4_000))
    expect(startHypothesis(errors!, nothing).memory).toEqual(nothing)
  })

  it('takes the variance of the baseline from all of the history, and knows none of the canary', () => {
    const baselineHistory = constants([9_000, 100], [1_000, 200])
    expect(startHypothesis(errors!, baselineHistory).scatter).toEqual({ baseline: baselineHistory, canary: nothing })
  })
})

describe('the memory of the baseline', () => {
  it('adds a block, and is scaled down to 4,000 requests', () => {
    expect(remember(yes(20, 2_000), yes(0, 1_000))).toEqual(yes(20, 3_000))
    expect(remember(yes(40, 4_000), yes(40, 1_000))).toEqual(yes(64, 4_000))
  })

  it('forgets an old rate gradually', () => {
    let memory = yes(400, 4_000)
    for (let block = 0; block < 100; block += 1) memory = remember(memory, yes(2, 200))
    expect(memory.sum / memory.count).toBeCloseTo(0.01 + 0.09 * (4_000 / 4_200) ** 100, 12)
  })
})

describe('prior weight for a new moment', () => {
  it('is added to the evidence of harm', () => {
    const [after] = withPriorWeight(busy, 0.06).sides
    expect(after?.inferiority[0]).toBeCloseTo(Math.log(Math.exp(3) + 0.06), 12)
    expect(after?.inferiority[3]).toBeCloseTo(Math.log(0.06), 12) // a healthy history is no debt
    expect(after).toMatchObject({
      nonInferiority: processes.nonInferiority,
      nonInferiorityInStep: processes.nonInferiorityInStep,
    })
  })

  it('is added to the evidence of safety, so that an incident does not destroy all of it permanently', () => {
    const incident = stateOf(errors!, {
      sides: [{ ...processes, nonInferiority: [-90, -90], nonInferiorityInStep: [-90, -90] }],
    })
    const [after] = withPriorWeight(incident, 0, 0.01).sides
    expect(after?.inferiority).toEqual(processes.inferiority)
    expect([...after!.nonInferiority, ...after!.nonInferiorityInStep]).toEqual(logs(0.01, 0.01, 0.01, 0.01))
  })

  it('of 0 changes nothing', () => {
    expect(withPriorWeight(busy, 0, 0)).toEqual(busy)
  })
})

describe('the next step', () => {
  it('carries the evidence of harm whole, half of the logarithm of safety, and none of the step’s own', () => {
    const carried = logs(0.85 * Math.exp(4 / 2), 0.85 * Math.exp(-1 / 2)) // with room for the prior weights of this step
    expect(nextStep(busy, false).sides).toEqual([
      { ...processes, nonInferiority: carried, nonInferiorityInStep: logs(0.85, 0.85) },
    ])
  })

  it('carries the evidence of safety whole out of a warm-up and into one', () => {
    expect(nextStep(busy, true).sides).toEqual([{ ...processes, nonInferiorityInStep: logs(0.85, 0.85) }])
  })

  it('takes none of the counts, and keeps what is known of the baseline', () => {
    expect(nextStep(busy, false)).toMatchObject({
      open: { baseline: nothing, canary: nothing },
      openMs: 0,
      pendingHits: { baseline: 0, canary: 0 },
      seen: { baseline: nothing, canary: nothing },
      memory: busy.memory,
      scatter: busy.scatter,
    })
  })
})

describe('a halt after evidence of harm that was not acted on', () => {
  it('cuts the evidence of harm by as much as the combined evidence exceeds even odds', () => {
    expect(halted(busy, 2.5).sides[0]?.inferiority).toEqual([0.5, -1.5, -4.5, -702.5])
  })

  it('takes back all evidence of safety', () => {
    expect(halted(busy, 2.5).sides[0]).toMatchObject({
      nonInferiority: logs(0.85, 0.85),
      nonInferiorityInStep: logs(0.85, 0.85),
    })
  })

  it('never adds evidence: nothing is cut if the combined evidence is below even odds', () => {
    expect(halted(busy, -4).sides[0]?.inferiority).toEqual(processes.inferiority)
    expect(halted(busy, Number.NEGATIVE_INFINITY).sides[0]?.inferiority).toEqual(processes.inferiority)
  })
})
