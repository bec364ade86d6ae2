import { describe, expect, it } from 'vitest'
import { type ArmStory, arm } from '../guardrails/arm.fixture.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import { errorRate } from '../guardrails/kinds/error-rate.js'
import { latency } from '../guardrails/kinds/latency.js'
import { predictionShift } from '../guardrails/kinds/prediction-shift.js'
import { tailLatency } from '../guardrails/kinds/tail-latency.js'
import { alike, blockOf, contextOf, historyOf, ordinary } from './evidence/evidence.fixture.js'
import type { Evidence } from './evidence/evidence.js'
import { evidenceJudge } from './evidence-judge.js'
import type { Judge, StepContext, Verdict } from './judge.js'
import { judgeOnce } from './judge-once.js'

const judge = evidenceJudge() as Judge<Evidence>
const guardrails: readonly Guardrail[] = [errorRate({ limit: 0.3 }), latency(), tailLatency(), predictionShift()]
const baselineHistory = historyOf(guardrails)
const known = (rest: Partial<StepContext> = {}) => contextOf(guardrails, { calibration: { baselineHistory }, ...rest })

/** The evidence after so many windows of this. */
function after(blocks: number, canary: ArmStory, context: StepContext = known(), before?: Evidence): Evidence {
  let evidence = before ?? judge.open(undefined, context)
  for (let block = 0; block < blocks; block += 1) {
    evidence = judge.update(evidence, blockOf(ordinary, { ...alike, ...canary }), context)
  }
  return evidence
}

describe('an evidence judge', () => {
  it('has a name, looks every second, and learns from windows of 15 s', () => {
    expect(judge).toMatchObject({ name: 'evidence', watch: { everyMs: 1_000 }, learn: { windowMs: 15_000 } })
    expect(evidenceJudge({ watchMs: 250, tickMs: 5_000 })).toMatchObject({
      watch: { everyMs: 250 },
      learn: { windowMs: 5_000 },
    })
    expect(Object.isFrozen(judge)).toBe(true)
  })

  it('refuses unknown options and invalid values', () => {
    expect(() => evidenceJudge({ aplha: 0.01 } as object)).toThrow('[UNKNOWN_OPTION]')
    expect(() => evidenceJudge({ alpha: 5 })).toThrow('[INVALID_OPTION]')
  })

  it('passes a canary that equals the baseline, and says why', () => {
    const verdict = judge.decide(after(60, {}), known(), 900_000)
    expect(verdict).toMatchObject({ kind: 'pass', epoch: 1, step: 1 })
    for (const { reason } of verdict.checks) expect(reason).toMatch(/ accepted; safety .+ of 5 needed$/)
  })

  it('rolls back a canary that is worse, by the guardrail that is breached', () => {
    const { kind, response, checks } = judge.decide(after(3, { errors: 12 }), known(), 45_000)
    expect({ kind, response }).toEqual({ kind: 'fail', response: 'rollback' })
    expect(checks.map(({ outcome }) => outcome === 'breached')).toEqual([true, false, false, false])
    expect(checks[0]?.reason).toMatch(/ accepted; harm .+ of 20 needed$/)
  })

  it('waits until it knows enough of the baseline, and says how long', () => {
    const blank = known({ calibration: {} })
    const verdict = judge.decide(after(19, {}, blank), blank, 300_000)
    expect(verdict).toMatchObject({
      kind: 'inconclusive',
      waitingFor: '20 windows of 15 s of the baseline, to know its noise; 19 so far',
    })
  })

  it('gives the same verdict for the same counts', () => {
    expect(after(20, { errors: 2 })).toEqual(after(20, { errors: 2 }))
  })

  it('ignores evidence of something else', () => {
    const foreign = { baseline: arm({}), canary: arm({}) } as unknown as Evidence
    expect(judge.decide(foreign, known(), 0)).toEqual(judge.decide(judge.open(undefined, known()), known(), 0))
    expect(judge.watch?.isUrgent(foreign, known())).toBe(false)
  })

  it('can judge once, though one look is rarely enough to pass', () => {
    const arms = { baseline: arm({ requests: 5_000, errors: 50 }), canary: arm({ requests: 5_000, errors: 300 }) }
    expect(judgeOnce({ ...arms, guardrails: [errorRate()], judge }).kind).toBe('fail')
    expect(judgeOnce({ ...arms, canary: arms.baseline, guardrails: [errorRate()], judge }).kind).toBe('inconclusive')
  })
})

describe('a demotion', () => {
  const blank = [errorRate(), latency(), tailLatency()]
  const context = contextOf(blank, { calibration: { baselineHistory: historyOf(blank) } })
  const warmUp = { ...context, phase: 'warm-up', step: 0, stepsLeft: 5, weight: 2 } as const
  const cold = (seconds: number) => {
    let evidence = judge.open(undefined, context)
    for (let block = 0; block < 3; block += 1) {
      evidence = judge.update(evidence, blockOf(ordinary, { ...alike, latencyMs: 500 }, 5_000), context)
    }
    const open = { requests: seconds, latencyMs: 900 } // too few to close a block
    return judge.update(evidence, blockOf({ requests: 60 }, open, 1_000), context)
  }

  it.each([0, 1, 4])(
    'that was just carried out is no rollback, with %s requests in the block that was open',
    (open) => {
      expect(judge.decide(cold(open), context, 0)).toMatchObject({ kind: 'fail', response: 'demote' })
      const opened = judge.open(cold(open), warmUp)
      expect(judge.decide(opened, warmUp, 0)).toMatchObject({ kind: 'inconclusive', response: 'hold' })
      expect(judge.watch?.isUrgent(opened, warmUp)).toBe(false)
      const later = judge.update(opened, blockOf(ordinary, alike, 1_000), warmUp)
      expect(judge.decide(later, warmUp, 0)).toMatchObject({ kind: 'inconclusive', response: 'hold' })
    },
  )
})

describe('a pass', () => {
  const next = known({ step: 2, stepsLeft: 3 })
  const carried = (by = judge) => {
    let evidence = by.open(undefined, known())
    for (let block = 0; block < 20; block += 1) evidence = by.update(evidence, blockOf(ordinary, alike), known())
    return by.open(evidence, next)
  }

  it('needs answered requests: fifty aborted requests do not count', () => {
    let evidence = carried()
    for (let block = 0; block < 5; block += 1) {
      evidence = judge.update(evidence, blockOf(ordinary, { aborted: 100 }), next)
    }
    expect(judge.decide(evidence, next, 0)).toMatchObject({
      kind: 'inconclusive',
      waitingFor: '50 answered canary requests in the step; 0 so far',
    })
  })

  it('needs at least one answered request without a minimum', () => {
    const lax = evidenceJudge({ minStepRequests: 0 }) as Judge<Evidence>
    const sticky = { ...next, calibration: { ...next.calibration, unit: 'key' } } as const
    let evidence = carried(lax)
    for (let block = 0; block < 5; block += 1) evidence = lax.update(evidence, blockOf(ordinary, {}), sticky)
    expect(lax.decide(evidence, sticky, 0)).toMatchObject({
      kind: 'inconclusive',
      waitingFor: '1 answered canary requests in the step; 0 so far',
    })
  })
})

describe('evidence without a guardrail that rolls back', () => {
  it('is plain JSON too', () => {
    const held = [errorRate({ severity: 'hold' })]
    const context = contextOf(held, { calibration: { baselineHistory: historyOf(held) } })
    const evidence = after(1, {}, context)
    expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence)
  })
})

describe('evidence of a judge with another policy', () => {
  it('is not used, because the two policies have different null hypotheses', () => {
    const strict = evidenceJudge({ tolerable: 0.1 }) as Judge<Evidence>
    const lax = evidenceJudge({ tolerable: 0.9 }) as Judge<Evidence>
    let evidence = strict.open(undefined, known())
    for (let block = 0; block < 60; block += 1) {
      evidence = strict.update(evidence, blockOf(ordinary, { ...alike, errors: 2 }), known())
    }
    expect(lax.open(evidence, known())).toEqual(lax.open(undefined, known()))
    expect(strict.open(evidence, known()).elapsedMs).toBe(900_000)
  })
})

describe('what cannot wait', () => {
  it('is combined evidence of harm that asks for a rollback, and nothing less', () => {
    expect(judge.watch?.isUrgent(after(3, {}), known())).toBe(false)
    expect(judge.watch?.isUrgent(after(3, { errors: 12 }), known())).toBe(true)
  })

  it('is not what only holds', () => {
    const held = [errorRate({ severity: 'hold' }), latency()]
    const context = contextOf(held, { calibration: { baselineHistory: historyOf(held) } })
    const evidence = after(3, { errors: 12 }, context)
    expect(judge.watch?.isUrgent(evidence, context)).toBe(false)
    expect(judge.decide(evidence, context, 45_000)).toMatchObject({ kind: 'fail', response: 'hold' })
  })
})

describe('what is learned before the rollout', () => {
  it('is the baseline’s history, window by window', () => {
    const windows = Array.from({ length: 60 }, () => arm(ordinary))
    const learned = windows.reduce(
      (sofar, window) => judge.learn!.update(sofar, window, guardrails),
      undefined as unknown,
    )
    expect(learned).toEqual(baselineHistory)
  })

  it('begins anew if the stored value is not a history', () => {
    const once = judge.learn!.update(undefined, arm(ordinary), guardrails)
    for (const other of [null, 7, 'history', { windows: 3 }]) {
      expect(judge.learn!.update(other, arm(ordinary), guardrails)).toEqual(once)
    }
  })
})

describe('the last advance', () => {
  const last = known({ step: 4, stepsLeft: 1, weight: 75 })
  const carried = () => judge.open(after(60, {}), last)
  const lean: ArmStory = { requests: 2_700, slow: [270, 200], predictions: { cat: 1_620, dog: 1_080 } }
  const at75 = (errors: number, blocks: number): Verdict => {
    let evidence = carried()
    for (let block = 0; block < blocks; block += 1) {
      evidence = judge.update(evidence, blockOf(ordinary, { ...lean, errors }), last)
    }
    return judge.decide(evidence, last, 15_000 * blocks)
  }

  it('needs this step’s own evidence besides what is carried', () => {
    expect(at75(27, 4).kind).toBe('pass')
    const worse = at75(70, 4) // 1.6 points more than before
    expect(worse.kind).toBe('inconclusive')
    expect(worse.checks[0]?.outcome).toBe('undecided')
  })
})

describe('the bake', () => {
  it('without a baseline goes on by limits', () => {
    const bake = known({ phase: 'bake', step: 5, stepsLeft: 0, weight: 100 })
    const alone = (errors: number, blocks: number): Verdict => {
      let evidence = judge.open(after(60, {}), bake)
      for (let block = 0; block < blocks; block += 1) {
        evidence = judge.update(evidence, blockOf({}, { ...ordinary, errors }), bake)
      }
      return judge.decide(evidence, bake, 15_000 * blocks)
    }
    expect(alone(9, 20).kind).not.toBe('fail')
    expect(alone(225, 20).kind).not.toBe('fail') // 25 %, and nothing to say that it is more than it was
    expect(alone(450, 2)).toMatchObject({ kind: 'fail', response: 'rollback' })
  })

  it('with a holdback notices that its requests arrive in other shares', () => {
    const bake = known({ phase: 'bake', step: 5, stepsLeft: 0, weight: 90 })
    const evidence = judge.update(judge.open(after(60, {}), bake), blockOf(ordinary, ordinary, 60_000), bake)
    expect(judge.decide(evidence, bake, 0).message).toMatch(/^the canary got 50 % of 1800 requests, 90 % were planned/)
  })

  it('with a baseline held back goes on comparing', () => {
    const bake = known({ phase: 'bake', step: 5, stepsLeft: 0, weight: 90 })
    let evidence = judge.open(after(60, {}), bake)
    for (let block = 0; block < 3; block += 1) {
      evidence = judge.update(evidence, blockOf(alike, { ...ordinary, errors: 90 }), bake)
    }
    expect(judge.decide(evidence, bake, 45_000)).toMatchObject({ kind: 'fail', response: 'rollback' })
  })
})
