import { type ByVariant, type Observation, OUTCOMES } from '../foundation/vocabulary.js'
import { onRejection } from '../routing/rejections.js'
import { binOf } from '../summaries/histogram.js'
import type { Summary } from '../summaries/summary.js'
import { type AnswerEvent, addAnswer, addCall, addMetrics } from './aggregate.js'
import type { AnswerTimes } from './answer-times.js'
import type { Arm, Arms } from './arm.js'
import type { BaselineWindows } from './baseline-windows.js'
import { renewRound } from './callers.js'
import type { ClusterCounts } from './cluster-counts.js'
import { createKeyHash } from './key-hash.js'
import { createMeasurer } from './measurer.js'
import type { OpenWindow } from './open-window.js'
import type { FlightEntry, Origin, Recorder } from './recorder-contract.js'
import { type Report, reportThrown } from './report.js'
import type { Slots } from './slots.js'
import type { StratumCounts } from './stratum-counts.js'

/** Counts calls and their answers in all places where they belong. */
export interface CallCounter {
  /** Counts a finished call. If `isEvidence` is undefined, the start of the call decides whether it is evidence. */
  count(observation: Observation, isEvidence?: boolean, origin?: Origin, entry?: FlightEntry): void
  /** Counts an answer event of a pending flight. */
  decide(arm: Arm<FlightEntry>, entry: FlightEntry, event: AnswerEvent, at: number): void
  /** Counts late metrics. */
  readonly track: Recorder['track']
}

/** The parts that counting needs. */
export interface CallCounterParts {
  readonly arms: Arms<FlightEntry>
  readonly opened: OpenWindow
  readonly slots: Slots
  readonly clusters: ClusterCounts
  readonly strata: ByVariant<StratumCounts>
  readonly answerTimes: AnswerTimes
  readonly windows: BaselineWindows | undefined
  /** Called with the baseline's summary of a finished window of time. */
  readonly onWindow: ((ended: Summary) => void) | undefined
  readonly report: Report
}

const REJECTED = /* @__PURE__ */ OUTCOMES.indexOf('rejected')

/** Creates the counter. `count` and `decide` are the hot path: they allocate nothing. */
export function createCallCounter(parts: CallCounterParts): CallCounter {
  const { arms, opened, slots, clusters, strata, answerTimes, windows, report } = parts
  const { baseline, canary } = arms
  const callersOfBoth = arms.both.map(({ callers }) => callers)
  const measure = createMeasurer(slots, report)
  const hashOf = createKeyHash(report)
  const tell = windowListener(parts.onWindow, report)

  return {
    count(observation, isEvidence, origin, entry) {
      const call = measure(observation)
      if (!call) return
      const arm = call.variant === 'canary' ? canary : baseline
      const outcome = OUTCOMES[call.outcome]!
      const event = entry ? arm.answers.ended(entry, outcome, call) : arm.answers.reported(outcome, call)
      const hash = entry && hashOf(entry)
      const ended = windows && arm === baseline && call.at >= windows.endsAt ? windows.advanceTo(call.at) : undefined
      if (ended && opened.current.epoch === 0) baseline.callers.clear() // before a rollout, a window is a round
      const isNew = entry === undefined
      const isRejected = call.outcome === REJECTED
      const isNewCaller =
        (isRejected || call.bin >= 0) && arm.callers.isNew(opened.isByKey ? hash : undefined, isRejected)
      if (!isNewCaller && opened.current.epoch > 0) renewRound(callersOfBoth)
      addCall((isEvidence ?? opened.isSince(call)) ? arm.step : arm.rest, call, event, isNew, isNewCaller)
      const slice = arm.sliding.sliceOf(call)
      if (slice) addCall(slice, call, event, isNew, isNewCaller)
      if (arm === baseline) {
        if (hash !== undefined && entry?.isLeftOut !== true) clusters.add(hash, call, event)
        if (origin !== undefined) strata.baseline.add(origin, call, event, isNewCaller)
        if (event === 'answered' && call.bin >= 0) answerTimes.add(call.bin)
      } else if (origin !== undefined) strata.canary.add(origin, call, event, false) // callers count once in a round
      if (ended) tell(ended) // last, because the listener may also call record
    },
    decide(arm, entry, event, at) {
      if (event === 'none') return
      addAnswer(opened.isEvidence(entry) ? arm.step : arm.rest, event)
      const slice = arm.sliding.sliceAt(at)
      if (slice) addAnswer(slice, event)
      if (arm === canary) {
        strata.canary.decide(entry.origin, event)
        return
      }
      const hash = hashOf(entry)
      if (hash !== undefined && entry.isLeftOut !== true) clusters.decide(hash, event)
      strata.baseline.decide(entry.origin, event)
      if (event === 'answered') answerTimes.add(binOf(arm.answers.ageMs(entry, at) * 1_000))
    },
    track(values, variant, origin, at) {
      if (origin.epoch !== opened.current.epoch) return
      const call = measure({ variant, at, durationMs: 0, outcome: 'aborted', metrics: values })
      const arm = call && arms.of(variant)
      if (!arm) return
      addMetrics(opened.isOrigin(origin) ? arm.step : arm.rest, call)
      ;(arm === baseline ? strata.baseline : strata.canary).addMetrics(origin, call)
    },
  }
}

/** Returns the function that calls `onWindow`, and reports an error that it throws or rejects with. */
function windowListener(onWindow: ((ended: Summary) => void) | undefined, report: Report): (ended: Summary) => void {
  const onThrown = reportThrown(report, 'onWindow')
  return (ended) => {
    try {
      onRejection(onWindow?.(ended), onThrown)
    } catch (cause) {
      onThrown(cause)
    }
  }
}
