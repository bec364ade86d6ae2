import type { ResolvedRollout } from '../controller/controller-options.js'
import type { PastKeeper } from '../controller/past-keeper.js'
import type { ProcessAlerts } from '../controller/process-alerts.js'
import type { CanaryError } from '../foundation/errors.js'
import { createRecorder } from '../recorder/recorder.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import { weightsOf } from '../rollout/course.js'
import type { ExpectedTraffic } from '../rollout/expected-time.js'
import type { SplitNow } from './kept-users.js'
import { createTrafficBefore } from './traffic-before.js'
import { createVersionPasts } from './version-pasts.js'

/** The recorder of a canary, and what the judge learns from it about the baseline. */
export interface Recording {
  readonly recorder: Recorder
  /** Returns what the judge has learned from the baseline, for a rollout that begins now; `null` if nothing. */
  baselineHistory(): unknown
  /** Returns the baseline's traffic before the first rollout; `undefined` if it is not known. */
  trafficBefore(): ExpectedTraffic | undefined
  /** What is learned of both versions. */
  readonly pasts: PastKeeper
}

/** Creates a recorder for the metrics that the guardrails use. A stored past that cannot be used is an alert. */
export function createRecording(
  rollout: Pick<ResolvedRollout, 'guardrails' | 'judge' | 'course' | 'clock' | 'versions'>,
  report: (error: CanaryError) => void,
  alerts: Pick<ProcessAlerts, 'note'>,
  split: () => SplitNow,
): Recording {
  const { guardrails, course, clock } = rollout
  const { learn } = rollout.judge
  const traffic = createTrafficBefore(clock)
  const pasts = createVersionPasts({
    rollout,
    canary: () => ({ epoch: recorder.window.epoch, counts: recorder.read('rollout', clock.elapsed()).canary }),
    strata: {
      strata: (variant) => recorder.strata(variant),
      cutStrata: (form, variant) => recorder.cutStrata(form, variant),
    },
    split,
    onDropped: (message) => alerts.note('store', message, 'past'),
  })
  const recorder = createRecorder({
    metrics: guardrails.flatMap((guardrail) => (guardrail.kind === 'metric' ? [guardrail.metric] : [])),
    onInternalError: report,
    ...(learn && {
      windowMs: learn.windowMs,
      onWindow(window) {
        if (recorder.window.epoch === 0) traffic.add(window)
        pasts.learnBaseline(window)
      },
    }),
  })
  return {
    recorder,
    pasts,
    trafficBefore: traffic.read,
    baselineHistory: () =>
      learn?.strata
        ? learn.strata.freeze(pasts.baseline, pasts.strata(), {
            ...{ guardrails, weights: weightsOf(course), kept: pasts.keptUsers() },
          })
        : pasts.baseline,
  }
}
