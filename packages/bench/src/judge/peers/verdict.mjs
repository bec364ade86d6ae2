/**
 * Returns a verdict of a peer's rule in the terms of the library.
 *
 * @param {'pass' | 'fail' | 'inconclusive'} kind
 * @param {import('@model-canary/core/judge').StepContext} context
 * @param {readonly string[]} reasons what is wrong, as `metric: sentence`
 * @returns {import('@model-canary/core/judge').Verdict}
 */
export function verdictOf(kind, { epoch, step }, reasons = []) {
  const checks = reasons.map(checkOf)
  return kind === 'fail' ? { kind, response: 'rollback', epoch, step, checks } : { kind, epoch, step, checks }
}

function checkOf(reason) {
  const [guardrail] = reason.split(':', 1)
  return {
    guardrail,
    severity: 'rollback',
    outcome: 'breached',
    rule: 'limit',
    baseline: null,
    canary: null,
    difference: null,
    margin: 0,
    limit: null,
    samples: { baseline: 0, canary: 0 },
    reason: reason.slice(guardrail.length + 2),
  }
}
