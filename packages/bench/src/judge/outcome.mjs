/**
 * How one run went.
 *
 * @typedef {object} Outcome
 * @property {'promoted' | 'rolled-back' | 'stalled'} state
 * @property {number} elapsedMs
 * @property {number} exposed canary requests
 * @property {number} [sinceOnset] canary requests since the harm began
 * @property {number} [onsetMs] when it began; left out where it never did
 * @property {number} [onsetWeight] the canary's share in force then, in percent
 * @property {number} [bakeFromMs] when the bake began; left out where it never did
 * @property {number} [splitAlerts] how often a split was found that was none
 * @property {true} [isInOutage] promoted while both versions were down
 * @property {string} [reason] of a wrong answer
 */

/**
 * Returns the outcome from the status at the end.
 *
 * @param {import('./scenario.mjs').Scenario} scenario
 * @param {import('@model-canary/core').Status} status
 * @param {number} elapsedMs
 */
export function outcomeOf({ truth, outage }, status, elapsedMs) {
  const state = status.state === 'promoted' || status.state === 'rolled-back' ? status.state : 'stalled'
  const isInOutage = state === 'promoted' && elapsedMs >= outage?.fromMs && elapsedMs < outage?.toMs
  const isWrong = isInOutage || state === 'stalled' || state === (truth === 'good' ? 'rolled-back' : 'promoted')
  const reason = isWrong ? String(status.reason ?? status.waitingFor).slice(0, 200) : undefined
  const wholeSecondsMs = Math.floor(elapsedMs / 1_000) * 1_000 // it ends with the first request after the decision
  return { state, elapsedMs: wholeSecondsMs, ...(isInOutage && { isInOutage }), ...(reason && { reason }) }
}
