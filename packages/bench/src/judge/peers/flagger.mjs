import { versionMetricsOf } from '@model-canary/core/judge'
import { verdictOf } from './verdict.mjs'

/**
 * The metric checks of Flagger: absolute thresholds on the canary's last minute, and no baseline.
 *
 * At every run the checks look at the last interval. A run in which all pass advances the canary by one weight; one
 * that fails, or finds no values, adds to the failed checks, which nothing but a new revision sets back. The run
 * after they have reached the threshold rolls back, before it checks anything: six intervals for five failed checks.
 *
 * Follows, of github.com/fluxcd/flagger: pkg/controller/scheduler.go (`advanceCanary`: failed checks, then
 * `runAnalysis`, then the next weight), pkg/controller/scheduler_metrics.go (`runBuiltinMetricChecks`:
 * `request-success-rate` below its minimum, `request-duration` above its maximum, no values),
 * pkg/metrics/observers/istio.go (the duration is the p99) and pkg/apis/flagger/v1beta1/canary.go (an interval of
 * 60 s). The threshold of 5 is that of its documentation; left out, it is 1.
 *
 * @param {object} options
 * @param {number} options.minSuccessRate in percent
 * @param {number} options.maxDurationMs of the p99
 * @param {number} [options.threshold] failed checks that end the rollout
 * @returns {import('@model-canary/core/judge').Judge}
 */
export function flaggerJudge({ minSuccessRate, maxDurationMs, threshold = 5 }) {
  const failuresOf = (summary) => {
    const { requestCount, errorRate, p99LatencyMs } = versionMetricsOf(summary)
    if (requestCount === 0 || errorRate === null) return ['request-success-rate: no values found']
    const successRate = 100 * (1 - errorRate)
    const failures = []
    if (successRate < minSuccessRate) failures.push(`request-success-rate: ${successRate} < ${minSuccessRate}`)
    if (p99LatencyMs > maxDurationMs) failures.push(`request-duration: ${p99LatencyMs} > ${maxDurationMs}`)
    return failures
  }

  return {
    name: 'flagger',
    open: (previous) => ({ failedChecks: previous?.failedChecks ?? 0, outcome: 'waiting', failures: [] }),
    update(evidence, { canary }) {
      if (evidence.failedChecks >= threshold) return { ...evidence, outcome: 'over' }
      const failures = failuresOf(canary)
      if (failures.length === 0) return { ...evidence, outcome: 'passed', failures }
      return { failedChecks: evidence.failedChecks + 1, outcome: 'failed', failures }
    },
    decide({ outcome, failures }, context) {
      if (outcome === 'over') return verdictOf('fail', context, failures)
      return verdictOf(outcome === 'passed' ? 'pass' : 'inconclusive', context)
    },
  }
}
