import { describe, expect, it } from 'vitest'
import { guessOf } from './option-guesses.js'

describe('guessOf', () => {
  it.each([
    ['wieght', ['name', 'weight'], 'weight'],
    ['Plan', ['plan'], 'plan'],
    ['guardrail', ['name', 'guardrails'], 'guardrails'],
    ['interval', ['intervalMs', 'name'], 'intervalMs'],
    ['fallbak', ['fallback', 'validate'], 'fallback'],
    ['percentage', ['weight', 'durationMs'], 'weight'],
    ['percent', ['name', 'plan'], 'plan'],
    ['timeout', ['fallback', 'timeoutMs'], 'timeoutMs'],
    ['threshold', ['margin', 'limit'], 'margin'],
    ['threshold', ['marginMs', 'limitMs'], 'marginMs'],
    ['max', ['margin', 'limit'], 'limit'],
    ['plna', ['name', 'plan'], 'plan'],
    ['models', ['versions'], 'versions'],
    ['steps', ['plan'], 'plan'],
  ])('takes %s, of %o, for %s', (name, known, meant) => {
    expect(guessOf(name, known)).toBe(`did you mean "${meant}"?`)
  })

  it.each([
    ['timeoutMs', 'it is an option of canary.models and of wrap'],
    ['minRequests', 'pass it to linearPlan'],
    ['key', 'pass key to the middleware or to wrap'],
    ['percent', 'the share of the canary comes from the plan'],
  ])('says where %s belongs', (name, advice) => {
    expect(guessOf(name, ['random'])).toBe(advice)
  })

  it.each([['colour'], ['x'], ['__proto__'], ['constructor']])('returns nothing for %s', (name) => {
    expect(guessOf(name, ['weight', 'name', 'plan'])).toBeUndefined()
  })

  it('returns nothing for a name of 100,000 letters', () => {
    expect(guessOf('w'.repeat(100_000), ['weight', 'name', 'plan'])).toBeUndefined()
  })
})
