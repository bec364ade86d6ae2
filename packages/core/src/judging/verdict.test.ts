import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Check } from './judge.js'
import { verdictOf, worstOf } from './verdict.js'

const check = (outcome: Check['outcome'], severity: Check['severity'] = 'rollback'): Check => ({
  guardrail: 'errorRate',
  severity,
  outcome,
  rule: 'margin',
  baseline: 0.01,
  canary: 0.01,
  difference: 0,
  margin: 0.02,
  limit: null,
  samples: { baseline: 900, canary: 100 },
  reason: 'error rate 1 % against 1 %: no difference, 2 points accepted',
})

const at = { epoch: 2, step: 3 }

describe('verdict', () => {
  it('passes if every check is held', () => {
    expect(worstOf([check('held'), check('held', 'hold')])).toBe('pass')
  })

  it('is the worst outcome: fail before inconclusive before pass', () => {
    expect(worstOf([check('held'), check('undecided'), check('breached')])).toBe('fail')
    expect(worstOf([check('held'), check('undecided')])).toBe('inconclusive')
  })

  it('is not a pass without checks', () => {
    expect(worstOf([])).toBe('inconclusive')
    expect(worstOf([check('held', 'observe')])).toBe('inconclusive')
  })

  it('asks for the response of the gravest breach', () => {
    expect(verdictOf([check('breached', 'hold'), check('breached')], at)).toMatchObject({
      kind: 'fail',
      response: 'rollback',
    })
    expect(verdictOf([check('breached', 'hold'), check('held')], at)).toMatchObject({ kind: 'fail', response: 'hold' })
    expect(verdictOf([check('breached', 'hold'), check('breached', 'observe')], at).response).toBe('hold')
  })

  it('has its epoch, step and checks, and a response only if it fails', () => {
    const checks = [check('held')]
    expect(verdictOf(checks, at)).toEqual({ kind: 'pass', epoch: 2, step: 3, checks })
  })

  describe('properties', () => {
    const outcome = fc.constantFrom<Check['outcome']>('held', 'breached', 'undecided')
    const severity = fc.constantFrom<Check['severity']>('rollback', 'hold', 'observe')
    const counted = fc.constantFrom<Check['severity']>('rollback', 'hold')
    const checks = fc.array(
      fc.tuple(outcome, severity).map(([o, s]) => check(o, s)),
      { minLength: 1, maxLength: 6 },
    )

    it('a breach that is swapped in always fails', () => {
      fc.assert(
        fc.property(checks, fc.nat(), counted, (list, at, swapped) => {
          expect(worstOf(list.with(at % list.length, check('breached', swapped)))).toBe('fail')
        }),
      )
    })

    it('a check that is only observed never changes the verdict', () => {
      fc.assert(
        fc.property(checks, outcome, fc.nat(), (list, observed, position) => {
          const { checks: _without, ...before } = verdictOf(list, at)
          const { checks: _with, ...after } = verdictOf(
            list.toSpliced(position % list.length, 0, check(observed, 'observe')),
            at,
          )
          expect(after).toEqual(before)
        }),
      )
    })

    it('all checks of a pass are held, except those that are only observed', () => {
      fc.assert(
        fc.property(checks, (list) => {
          const everyHeld = list.every((one) => one.severity === 'observe' || one.outcome === 'held')
          const some = list.some((one) => one.severity !== 'observe')
          expect(worstOf(list) === 'pass').toBe(everyHeld && some)
        }),
      )
    })
  })
})
