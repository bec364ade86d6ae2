import { figure } from '../guardrails/figures.js'
import type { Check, StepContext, Verdict } from './judge.js'

/** Returns the worst outcome of the checks. `inconclusive` without any check that counts. */
export function worstOf(checks: readonly Check[]): 'pass' | 'fail' | 'inconclusive' {
  const counted = checks.filter((check) => check.severity !== 'observe')
  if (counted.some((check) => check.outcome === 'breached')) return 'fail'
  if (counted.some((check) => check.outcome === 'undecided')) return 'inconclusive'
  return counted.length === 0 ? 'inconclusive' : 'pass'
}

/** Returns why nothing is promoted in an outage of both versions. `rate` is a fraction. */
export function outageMessage(rate: number): string {
  return `more than ${figure(100 * rate)} % of the calls of both versions fail: something that they share is down, so nothing is promoted`
}

/** Returns the verdict over all checks of a step. Checks of severity `observe` are shown and do not count. */
export function verdictOf(checks: readonly Check[], { epoch, step }: Pick<StepContext, 'epoch' | 'step'>): Verdict {
  const kind = worstOf(checks)
  if (kind !== 'fail') return { kind, epoch, step, checks }
  const asksForRollback = checks.some(({ outcome, severity }) => outcome === 'breached' && severity === 'rollback')
  return { kind, response: asksForRollback ? 'rollback' : 'hold', epoch, step, checks }
}
