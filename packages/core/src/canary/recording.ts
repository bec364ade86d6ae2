import type { ResolvedRollout } from '../controller/controller-options.js'
import type { CanaryError } from '../foundation/errors.js'
import { createRecorder } from '../recorder/recorder.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import { weightsOf } from '../rollout/course.js'
import type { ExpectedTraffic } from '../rollout/expected-time.js'
import { createTrafficBefore } from './traffic-before.js'

/** The recorder of a canary, and what the judge learns from it about the baseline. */
export interface Recording {
  readonly recorder: Recorder
  /** Returns what the judge has learned from the baseline, for a rollout that begins now; `null` if nothing. */
  baselineHistory(): unknown
  /** Returns the baseline's traffic before the first rollout; `undefined` if it is not known. */
  trafficBefore(): ExpectedTraffic | undefined
}

/** Creates a recorder for the metrics that the guardrails use. */
export function createRecording(
  { guardrails, judge: { learn }, course, clock }: Pick<ResolvedRollout, 'guardrails' | 'judge' | 'course' | 'clock'>,
  report: (error: CanaryError) => void,
): Recording {
  let baselineHistory: unknown = null
  const traffic = createTrafficBefore(clock)
  const recorder = createRecorder({
    metrics: guardrails.flatMap((guardrail) => (guardrail.kind === 'metric' ? [guardrail.metric] : [])),
    onInternalError: report,
    ...(learn && {
      windowMs: learn.windowMs,
      onWindow(window) {
        if (recorder.window.epoch === 0) traffic.add(window)
        baselineHistory = learn.update(baselineHistory, window, guardrails)
        const form = learn.strata?.formDue(baselineHistory, guardrails)
        if (form) baselineHistory = learn.strata?.add(baselineHistory, recorder.cutStrata(form), guardrails)
      },
    }),
  })
  return {
    recorder,
    trafficBefore: traffic.read,
    baselineHistory: () =>
      learn?.strata
        ? learn.strata.freeze(baselineHistory, recorder.strata(), guardrails, weightsOf(course))
        : baselineHistory,
  }
}
