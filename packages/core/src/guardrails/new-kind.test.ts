import { describe, expect, it, vi } from 'vitest'
import { blockOf, contextOf, historyOf, ordinary } from '../judging/evidence/evidence.fixture.js'
import { evidenceJudge } from '../judging/evidence-judge.js'
import { judgeOnce } from '../judging/judge-once.js'
import { arm } from './arm.fixture.js'
import type { Guardrail } from './guardrail.js'
import { resolveGuardrails } from './resolve-guardrails.js'

/** The line of the registry. */
vi.mock('./kinds.js', async (original) => {
  const { KINDS } = await original<typeof import('./kinds.js')>()
  const { emptyRateKind } = await import('./empty-rate.fixture.js')
  return { KINDS: { ...KINDS, emptyRate: emptyRateKind } }
})

describe('a kind of guardrail that only its own file and a line of the registry know', () => {
  const data: readonly unknown[] = [{ kind: 'errorRate' }, { kind: 'emptyRate', margin: 0.03 }]
  const guardrails: readonly Guardrail[] = resolveGuardrails(data)
  const empty = (count: number) => ({ ...ordinary, predictions: { '': count, cat: 900 - count } })

  it('is made of plain data', () => {
    expect(guardrails[1]).toEqual({ kind: 'emptyRate', name: 'emptyRate', severity: 'rollback', margin: 0.03 })
    expect(() => resolveGuardrails([{ kind: 'emptyRat' }])).toThrow('[INVALID_OPTION]')
  })

  it('is judged by thresholds', () => {
    const { kind, checks } = judgeOnce({ baseline: arm(empty(9)), canary: arm(empty(90)), guardrails })
    expect(kind).toBe('fail')
    expect(checks[1]?.reason).toBe('rate of empty answers 10 % against 1 %: 9 points more, 3 accepted')
  })

  it('is judged by evidence: its thresholds come from the history, and its harm rolls back', () => {
    const baselineHistory = historyOf(guardrails, 60, () => empty(9))
    const context = contextOf(guardrails, { calibration: { baselineHistory }, weight: 50 })
    const judge = evidenceJudge()
    const after = (canary: number) => {
      let evidence = judge.open(undefined, context)
      for (let tick = 0; tick < 8; tick += 1)
        evidence = judge.update(evidence, blockOf(empty(9), empty(canary)), context)
      return judge.decide(evidence, context, 120_000)
    }
    expect(after(90)).toMatchObject({ kind: 'fail', response: 'rollback' })
    expect(after(90).checks.map(({ guardrail, outcome }) => [guardrail, outcome])).toEqual([
      ['errorRate', 'held'],
      ['emptyRate', 'breached'],
    ])
    expect(after(90).checks[1]?.reason).toMatch(
      /^rate of empty answers 10 % of 7200 against 1 % of 7200: 9 points more \(.*\), 3 accepted; harm /,
    )
    expect(after(9)).toMatchObject({ kind: 'pass', checks: [{ outcome: 'held' }, { outcome: 'held' }] })
  })

  it('waits for thresholds that the history does not give yet', () => {
    const judge = evidenceJudge()
    const context = contextOf(guardrails)
    const { checks } = judge.decide(judge.open(undefined, context), context, 0)
    expect(checks[1]?.reason).toBe('emptyRate: too little is known of the baseline yet')
  })
})
