import { describe, expect, it } from 'vitest'
import { explain } from './explain.js'
import type { Check, Verdict } from './judge.js'

const check = (guardrail: string, outcome: Check['outcome'], severity: Check['severity'] = 'rollback'): Check => ({
  guardrail,
  severity,
  outcome,
  rule: 'evidence',
  baseline: 0.01,
  canary: 0.04,
  difference: 0.03,
  margin: 0.02,
  limit: null,
  samples: { baseline: 900, canary: 100 },
  reason: 'error rate 4 % of 100 against 1 % of 900: 3 points more, 2 accepted; harm 31 of 20 needed',
})

const verdict = (change: Partial<Verdict>): Verdict => ({ kind: 'pass', epoch: 1, step: 1, checks: [], ...change })

describe('explain', () => {
  it('says for a rollback what did harm, with its figures', () => {
    const told = explain(
      verdict({ kind: 'fail', response: 'rollback', checks: [check('errorRate', 'breached'), check('p99', 'held')] }),
    )
    expect(told).toBe(
      'The canary is worse than a guardrail accepts, so all requests go back to the baseline. errorRate: error rate 4 % of 100 against 1 % of 900: 3 points more, 2 accepted; harm 31 of 20 needed.',
    )
  })

  it.each([
    ['demote', 'goes back to the warm-up'],
    ['hold', 'a person should look at'],
  ] as const)('says what a failure that asks to %s means', (response, words) => {
    expect(explain(verdict({ kind: 'fail', response }))).toContain(words)
  })

  it('says what it waits for while nothing is decided', () => {
    const waiting = verdict({
      kind: 'inconclusive',
      waitingFor: '60 s in the step',
      checks: [check('errors', 'undecided')],
    })
    expect(explain(waiting)).toContain('Waiting for 60 s in the step. errors: error rate')
  })

  it('says what is wrong with a split', () => {
    const told = explain(
      verdict({ kind: 'inconclusive', response: 'hold', message: 'the canary got 12 % of 10000 requests' }),
    )
    expect(told).toBe('The rollout waits, and the weight stays the same. The canary got 12 % of 10000 requests.')
  })

  it('does not blame the canary for a failed source', () => {
    expect(explain(verdict({ kind: 'error', message: 'the metrics source failed: down' }))).toBe(
      'The canary could not be judged, so its weight stays the same: the metrics source failed: down.',
    )
  })

  it('stays short if many guardrails say the same, and leaves out those that are only observed', () => {
    const checks = ['a', 'b', 'c', 'd'].map((name) => check(name, 'held'))
    const told = explain(verdict({ checks: [...checks, check('seen', 'held', 'observe')] }))
    expect(told).toContain('The same applies to 2 more guardrails.')
    expect(told).not.toContain('Seen')
  })
})
