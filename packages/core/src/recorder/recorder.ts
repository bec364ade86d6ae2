import { CanaryError, type CanaryErrorCode } from '../foundation/errors.js'
import { show } from '../foundation/options.js'
import { type Observation, OUTCOMES, type Variant } from '../foundation/vocabulary.js'
import { hashOfKey } from '../summaries/clusters.js'
import { binOf } from '../summaries/histogram.js'
import { emptySummary, mergeSummaries, type Summary } from '../summaries/summary.js'
import {
  type Aggregate,
  type AnswerEvent,
  addAnswer,
  addBegun,
  addCaller,
  addMeasurement,
  addMetrics,
  answersIn,
  clearAggregate,
  createAggregate,
  moveLabels,
  type SlotNames,
  toSummary,
} from './aggregate.js'
import { createAnswerTimes } from './answer-times.js'
import { type Arm, aggregatesOf, closeStep, createArm } from './arm.js'
import { createBaselineWindows } from './baseline-windows.js'
import { createClusterCounts } from './cluster-counts.js'
import { frequentSlots } from './label-folding.js'
import { createMeasurer } from './measurement.js'
import { createNameTable } from './name-table.js'
import type { FlightEntry, Origin, Recorder, RecorderWindow } from './recorder-contract.js'
import { type RecorderOptions, resolveRecorderOptions } from './recorder-options.js'
import { createStalls } from './stalls.js'

const REJECTED = /* @__PURE__ */ OUTCOMES.indexOf('rejected')

/** Time between two sweeps of a recorder, in milliseconds. */
export const PULSE_MS = 250

/**
 * Creates a recorder for one rollout.
 * Throws `INVALID_OPTION`, `UNKNOWN_OPTION` or `INVALID_NAME` for options that cannot be used.
 */
export function createRecorder(options?: RecorderOptions): Recorder {
  const resolved = resolveRecorderOptions(options)
  const { windowMs, onWindow, onInternalError } = resolved
  const labels = createNameTable(resolved.maxLabels)
  const metrics = createNameTable(resolved.maxMetrics, resolved.metrics)
  const measure = createMeasurer({ labels, metrics, report })
  const create = () => createAggregate({ labels: labels.capacity, metrics: metrics.capacity })
  const stalls = createStalls(PULSE_MS)
  const onFailure = (cause: unknown) => report('OBSERVER_FAILED', () => 'isAnswered threw; see the cause', { cause })
  const newArm = () => createArm<FlightEntry>({ ...resolved, stalls, createAggregate: create, onFailure })
  const baseline = newArm()
  const canary = newArm()
  const arms = [baseline, canary]
  const clusters = createClusterCounts(labels)
  const answerTimes = createAnswerTimes()
  const names = (): SlotNames => ({ labels: labels.names, metrics: metrics.names })
  const counts = () => [baseline.rest, baseline.step]
  const windows =
    windowMs === undefined ? undefined : createBaselineWindows({ windowMs, counts, names, createAggregate: create })
  let window: RecorderWindow = { epoch: 0, step: 0 }
  let openedAt = Number.POSITIVE_INFINITY

  return {
    get window() {
      return window
    },
    get byteLength() {
      return live()
        .flatMap((aggregate) => Object.values(aggregate) as { readonly byteLength: number }[])
        .concat([labels, metrics, clusters, answerTimes, baseline.callers, canary.callers])
        .reduce((total, { byteLength }) => total + byteLength, 0)
    },
    open({ epoch, step }, at) {
      if (epoch === window.epoch && step === window.step) return
      arms.forEach(closeStep)
      if (labels.overflowed) foldLabels()
      if (epoch !== window.epoch) closeEpoch()
      window = { epoch, step }
      openedAt = epoch > 0 ? at : Number.POSITIVE_INFINITY
    },
    begin(entry) {
      const arm = armOf(entry.variant)
      if (!arm) return refuse(entry.variant)
      if (!arm.pending.add(entry)) return
      if (baseline.pending.size + canary.pending.size === 1) stalls.resume(entry)
      entry.stalledBefore = stalls.totalMs
      addBegun(isEvidence(entry) ? arm.step : arm.rest)
      const slice = arm.sliding.sliceAt(entry.startedAt)
      if (slice) addBegun(slice)
    },
    answered(entry, at) {
      const arm = armOf(entry.variant)
      if (arm?.pending.holds(entry)) decide(arm, entry, arm.answers.answered(entry), at)
    },
    end(entry, observation) {
      if (armOf(entry.variant)?.pending.remove(entry)) count(observation, isEvidence(entry), entry)
    },
    record(observation, origin) {
      count(observation, origin && isCurrent(origin))
    },
    visit: (startedBefore, each) => arms.forEach(({ pending }) => void pending.visit(startedBefore, each)),
    get underWay() {
      return baseline.pending.size + canary.pending.size
    },
    sweep(at) {
      stalls.pulse(at)
      for (const arm of arms) {
        const { answers, pending } = arm
        pending.visit(at - answers.lines.overdueMs, (entry) => {
          if (answers.isOverdue(entry)) decide(arm, entry, 'overdue', at)
        })
        answers.sweep(at)
      }
    },
    awaitAnswers(lines) {
      for (const { answers } of arms) answers.lines = lines
    },
    answers: (variant) => answersIn((variant === 'canary' ? canary : baseline).step),
    answerTimes: answerTimes.read,
    track(values, variant, origin, at) {
      if (origin.epoch !== window.epoch) return
      const call = measure({ variant, at, durationMs: 0, outcome: 'aborted', metrics: values })
      const arm = call && armOf(variant)
      if (arm) addMetrics((isCurrent(origin) ? arm.step : arm.rest).sums, call)
    },
    read(which, at) {
      return { baseline: readArm(baseline, which, at), canary: readArm(canary, which, at) }
    },
    clusters: clusters.read,
  }

  /** The hot path. If `evidence` is undefined, the start of the call decides whether it counts as evidence. */
  function count(observation: Observation, evidence?: boolean, entry?: FlightEntry): void {
    const call = measure(observation)
    if (!call) return
    const isNew = entry === undefined
    const arm = call.variant === 'canary' ? canary : baseline
    const outcome = OUTCOMES[call.outcome]!
    const event = entry ? arm.answers.ended(entry, outcome, call) : arm.answers.reported(outcome, call)
    const hash = entry && hashOf(entry)
    const ended = windows && arm === baseline && call.at >= windows.endsAt ? windows.advanceTo(call.at) : undefined
    if (ended && window.epoch === 0) baseline.callers.clear() // before a rollout, a window counts as a step
    const into = (evidence ?? call.startedAt >= openedAt) ? arm.step : arm.rest
    addMeasurement(into, call)
    addAnswer(into, event)
    if (isNew) addBegun(into)
    const isRejected = call.outcome === REJECTED
    const isCounted = (isRejected || call.bin >= 0) && arm.callers.isNew(hash, isRejected)
    if (isCounted) addCaller(into, isRejected)
    if (arm === baseline) {
      if (hash !== undefined) clusters.add(hash, call, event)
      if (event === 'answered' && call.bin >= 0) answerTimes.add(call.bin)
    }
    const slice = arm.sliding.sliceOf(call)
    if (slice) {
      addMeasurement(slice, call)
      addAnswer(slice, event)
      if (isCounted) addCaller(slice, isRejected)
      if (isNew) addBegun(slice)
    }
    if (ended) tell(ended) // last, because the listener may also call record
  }

  /** Counts an answer event of a pending flight. */
  function decide(arm: Arm<FlightEntry>, entry: FlightEntry, event: AnswerEvent, at: number): void {
    if (event === 'none') return
    addAnswer(isEvidence(entry) ? arm.step : arm.rest, event)
    const slice = arm.sliding.sliceAt(at)
    if (slice) addAnswer(slice, event)
    if (arm === canary) return
    const hash = hashOf(entry)
    if (hash !== undefined) clusters.decide(hash, event)
    if (event === 'answered') answerTimes.add(binOf(arm.answers.ageMs(entry, at) * 1_000))
  }

  /** Separate from `begin`, which would otherwise allocate a scope for the message. */
  function refuse(variant: unknown): void {
    report('INVALID_VARIANT', () => `variant is ${show(variant)}`)
  }

  function tell(ended: Summary): void {
    try {
      onWindow?.(ended)
    } catch (cause) {
      report('OBSERVER_FAILED', () => 'onWindow threw; see the cause', { cause })
    }
  }

  /** Returns the hash of the key. An empty key counts as no key, as in a sticky split. */
  function hashOf(entry: FlightEntry): number | undefined {
    try {
      if (entry.keyHash !== undefined) return entry.keyHash
      return typeof entry.key === 'string' && entry.key !== '' ? hashOfKey(entry.key) : undefined
    } catch (cause) {
      report('KEY_FAILED', () => 'reading the key threw; the call is not counted by key', { cause })
      return undefined
    }
  }

  function isCurrent({ epoch, step, reason }: Origin): boolean {
    return reason === 'split' && epoch === window.epoch && step === window.step && epoch > 0
  }

  /** Returns whether a flight counts as evidence: if a step is visited again, flights of the first visit do not. */
  function isEvidence(entry: FlightEntry): boolean {
    return isCurrent(entry.origin) && entry.startedAt >= openedAt
  }

  function readArm(arm: Arm<FlightEntry>, which: Parameters<Recorder['read']>[0], at: number): Summary {
    if (which === 'step') return { ...toSummary(arm.step, names()), pendingBins: agesIn(arm, at, isEvidence) }
    const parts = which === 'rollout' ? [arm.rest, arm.step] : arm.sliding.recent(at, which.lastMs)
    const summary = parts.map((part) => toSummary(part, names())).reduce(mergeSummaries, emptySummary())
    return { ...summary, pendingBins: agesIn(arm, at) }
  }

  function agesIn({ pending, answers }: Arm<FlightEntry>, at: number, filter?: (entry: FlightEntry) => boolean) {
    return pending.agesUs((entry) => answers.ageMs(entry, at), filter)
  }

  function closeEpoch(): void {
    windows?.carry()
    for (const { rest } of arms) clearAggregate(rest)
  }

  /** Makes room for new classes: moves the rarer half of the labels to "other". */
  function foldLabels(): void {
    const slots = frequentSlots([baseline.rest.labels, canary.rest.labels], labels.names.length)
    const slotAfter = labels.keep(slots)
    for (const aggregate of live()) moveLabels(aggregate, slotAfter)
    clusters.forgetSlots()
  }

  /** Returns all aggregates with the current labels. */
  function live(): readonly Aggregate[] {
    return arms.flatMap(aggregatesOf).concat(windows?.held ?? [])
  }

  function armOf(variant: Variant): Arm<FlightEntry> | undefined {
    return variant === 'baseline' ? baseline : variant === 'canary' ? canary : undefined
  }

  function report(code: CanaryErrorCode, describe: () => string, options?: ErrorOptions): void {
    try {
      onInternalError?.(new CanaryError(code, describe(), options))
    } catch {
      // an error of the listener must not fail a request
    }
  }
}
