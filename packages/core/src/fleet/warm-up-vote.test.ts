import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { voteOnWarmUp } from './warm-up-vote.js'

/** Returns the vote of processes that are warm (+), have failed (−) or have not tried (·). */
const vote = (fleet: string, hasBeenWarm?: boolean) =>
  voteOnWarmUp(
    [...fleet].map((sign) => ({ isWarm: sign === '·' ? null : sign === '+' })),
    hasBeenWarm,
  )

describe('the vote on a warm-up', () => {
  it.each([
    ['', 'wait'],
    ['·', 'wait'],
    ['+', 'go'],
    ['−', 'roll-back'],
    ['········', 'wait'],
    ['+·······', 'go'],
    ['−·······', 'wait'],
    ['+−······', 'go'],
    ['−−······', 'roll-back'],
    ['++−−····', 'roll-back'],
    ['+++−−···', 'go'],
    ['+−−−−−−−', 'roll-back'],
    ['+++++++−', 'go'],
  ])('of %s is %s', (fleet, expected) => {
    expect(vote(fleet)).toBe(expected)
  })

  it('waits for another process if the only one has failed after another was warm', () => {
    expect([vote('−', true), vote('−', false)]).toEqual(['wait', 'roll-back'])
    expect([vote('−−', true), vote('+', true), vote('·', true)]).toEqual(['roll-back', 'go', 'wait'])
  })

  const fleets = fc.array(fc.constantFrom('+', '−', '·'), { maxLength: 20 })
  const countOf = (fleet: readonly string[], sign: string) => fleet.filter((one) => one === sign).length

  it('is a rollback exactly if the rule says so, in any order', () => {
    fc.assert(
      fc.property(fleets, fc.boolean(), (fleet, hasBeenWarm) => {
        const [failed, tried] = [countOf(fleet, '−'), fleet.length - countOf(fleet, '·')]
        const areMany = failed >= 2 && failed / tried >= 0.5
        const isAlone = fleet.join('') === '−' && !hasBeenWarm
        expect(vote(fleet.join(''), hasBeenWarm) === 'roll-back').toBe(areMany || isAlone)
        expect(vote(fleet.toReversed().join(''), hasBeenWarm)).toBe(vote(fleet.join(''), hasBeenWarm))
      }),
    )
  })

  it('is go only with a warm process, and no process that becomes warm turns a go into something else', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const said = vote(fleet.join(''))
        if (said === 'go') expect(fleet).toContain('+')
        if (said === 'go') expect(vote(`${fleet.join('')}+`)).toBe('go')
        if (said === 'wait') expect(fleet).not.toContain('+')
      }),
    )
  })

  it('of one failed process among several is never a rollback', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('+', '·'), { minLength: 1, maxLength: 20 }), (others) => {
        expect(vote(`−${others.join('')}`)).not.toBe('roll-back')
      }),
    )
  })
})
