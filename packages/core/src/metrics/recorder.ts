import { CanaryError, type CanaryErrorCode } from '../errors.js'
import { show } from '../options.js'
import type { AssignmentReason, ByVariant, MetricValue, Observation, Variant } from '../vocabulary.js'
import {
  type Aggregate,
  addBegun,
  addMeasurement,
  addMetrics,
  clearAggregate,
  createAggregate,
  finishedIn,
  moveLabels,
  type SlotNames,
  toSummary,
} from './aggregate.js'
import { type Arm, aggregatesOf, closeStep, createArm } from './arm.js'
import { createBaselineWindows } from './baseline-windows.js'
import { createClusterCounts } from './cluster-counts.js'
import type { Clusters } from './clusters.js'
import { frequentSlots } from './label-folding.js'
import { createMeasurer } from './measurement.js'
import { createNameTable } from './name-table.js'
import type { PendingEntry } from './pending.js'
import { type RecorderOptions, resolveRecorderOptions } from './recorder-options.js'
import { emptySummary, mergeSummaries, type Summary } from './summary.js'

/** Where a call came from: enough of its assignment to tell whether it is evidence. */
export interface Origin {
  readonly epoch: number
  readonly step: number
  readonly reason: AssignmentReason
}

/** A flight as the recorder follows it from `begin` to `end`. */
export interface FlightEntry extends PendingEntry {
  readonly origin: Origin
  /** Who was routed, where that is known. Nothing is kept of it but a sum. */
  readonly key?: string | undefined
}

/** One life and step of a rollout. Epoch 0 is the time before the first. */
export interface RecorderWindow {
  readonly epoch: number
  readonly step: number
}

/** Keeps the counts of both arms, in fixed memory. Nothing given to it at run time makes it throw. */
export interface Recorder {
  /** The window that is open; epoch 0 before the first one. */
  readonly window: RecorderWindow
  /** The memory of all counts and names at their fullest, in bytes. */
  readonly byteLength: number
  /**
   * Opens a window: the weight has changed. The step's counts begin at nothing, and with a new epoch the rollout's too,
   * after the baseline's were frozen as {@link Recorder.before}. Opening the current window again does nothing.
   */
  open(window: RecorderWindow, at: number): void
  /** Follows a flight from now on. */
  begin(entry: FlightEntry): void
  /** Ends a flight and records how. A flight that is not under way is ended already: nothing happens. */
  end(entry: FlightEntry, observation: Observation): void
  /**
   * Records a call that finished. Only one that was split in the current window is evidence for the step;
   * a call of unknown origin is, if it began after the window opened.
   */
  record(observation: Observation, origin?: Origin): void
  /** Adds metrics that became known after their call, where that call was counted; one of another epoch is left out. */
  track(metrics: Readonly<Record<string, MetricValue>>, variant: Variant, origin: Origin, at: number): void
  /** What was recorded in a window, with the calls under way at `at`. */
  read(window: 'step' | 'rollout' | { readonly lastMs: number }, at: number): ByVariant<Summary>
  /** The baseline as it was before the epoch began, or `null` if nobody watched it. */
  before(): Summary | null
  /** The baseline's flights by the hash of their key, in every life so far; `null` if none with a key has finished. */
  clusters(): Clusters | null
}

/**
 * Makes a recorder for one rollout.
 * Throws `INVALID_OPTION`, `UNKNOWN_OPTION` or `INVALID_NAME` for options that cannot be used.
 */
export function createRecorder(options?: RecorderOptions): Recorder {
  const resolved = resolveRecorderOptions(options)
  const { windowMs, onWindow, onInternalError } = resolved
  const labels = createNameTable(resolved.maxLabels)
  const metrics = createNameTable(resolved.maxMetrics, resolved.metrics)
  const measure = createMeasurer({ labels, metrics, report })
  const baseline = createArm<FlightEntry>({ ...resolved, createAggregate: create })
  const canary = createArm<FlightEntry>({ ...resolved, createAggregate: create })
  const clusters = createClusterCounts(labels)
  const counts = () => [baseline.rest, baseline.step]
  const windows =
    windowMs === undefined ? undefined : createBaselineWindows({ windowMs, counts, names, createAggregate: create })
  let window: RecorderWindow = { epoch: 0, step: 0 }
  let openedAt = Number.POSITIVE_INFINITY
  let past: { readonly counts: Aggregate; readonly names: SlotNames } | undefined

  return {
    get window() {
      return window
    },
    get byteLength() {
      return [...live(), past?.counts ?? baseline.rest]
        .flatMap((aggregate) => Object.values(aggregate) as { readonly byteLength: number }[])
        .concat([labels, metrics, clusters])
        .reduce((total, { byteLength }) => total + byteLength, 0)
    },
    open({ epoch, step }, at) {
      if (epoch === window.epoch && step === window.step) return
      for (const arm of [baseline, canary]) closeStep(arm)
      if (labels.overflowed) foldLabels()
      if (epoch !== window.epoch) closeEpoch()
      window = { epoch, step }
      openedAt = epoch > 0 ? at : Number.POSITIVE_INFINITY
    },
    begin(entry) {
      const arm = armOf(entry.variant)
      if (!arm) return refuse(entry.variant)
      if (!arm.pending.add(entry)) return
      addBegun(isEvidence(entry) ? arm.step : arm.rest)
      const slice = arm.sliding.sliceAt(entry.startedAt)
      if (slice) addBegun(slice)
    },
    end(entry, observation) {
      if (armOf(entry.variant)?.pending.remove(entry)) count(observation, isEvidence(entry), false, keyOf(entry))
    },
    record(observation, origin) {
      count(observation, origin && isCurrent(origin), true)
    },
    track(values, variant, origin, at) {
      if (origin.epoch !== window.epoch) return
      const call = measure({ variant, at, durationMs: 0, outcome: 'aborted', metrics: values })
      const arm = call && armOf(variant)
      if (arm) addMetrics((isCurrent(origin) ? arm.step : arm.rest).sums, call)
    },
    read(which, at) {
      return { baseline: readArm(baseline, which, at), canary: readArm(canary, which, at) }
    },
    before() {
      return past ? toSummary(past.counts, past.names) : null
    },
    clusters: clusters.read,
  }

  /** The hot path. Without a verdict on the evidence, the call's own start decides. */
  function count(observation: Observation, evidence: boolean | undefined, isNew: boolean, key?: string): void {
    const call = measure(observation)
    if (!call) return
    const arm = call.variant === 'canary' ? canary : baseline
    const ended = windows && arm === baseline && call.at >= windows.endsAt ? windows.turn(call.at) : undefined
    const into = (evidence ?? call.startedAt >= openedAt) ? arm.step : arm.rest
    addMeasurement(into, call)
    if (isNew) addBegun(into)
    if (key && arm === baseline) clusters.add(key, call)
    const slice = arm.sliding.sliceOf(call)
    if (slice) {
      addMeasurement(slice, call)
      if (isNew) addBegun(slice)
    }
    if (ended) tell(ended) // last of all: it may record in its turn
  }

  /** Apart from `begin`, which would have to make a scope for the message. */
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

  /** An empty key is none, as it is for a sticky split. */
  function keyOf(entry: FlightEntry): string | undefined {
    try {
      return typeof entry.key === 'string' ? entry.key : undefined
    } catch (cause) {
      report('KEY_FAILED', () => 'reading it threw; the call is in no cluster', { cause })
      return undefined
    }
  }

  function isCurrent({ epoch, step, reason }: Origin): boolean {
    return reason === 'split' && epoch === window.epoch && step === window.step && epoch > 0
  }

  /** A rollout may come back to a step: what began in its first visit is no evidence for the second. */
  function isEvidence(entry: FlightEntry): boolean {
    return isCurrent(entry.origin) && entry.startedAt >= openedAt
  }

  function readArm(arm: Arm<FlightEntry>, which: Parameters<Recorder['read']>[0], at: number): Summary {
    if (which === 'step') return { ...summaryOf(arm.step), pendingBins: arm.pending.agesUs(at, isEvidence) }
    const parts = which === 'rollout' ? [arm.rest, arm.step] : arm.sliding.recent(at, which.lastMs)
    const summary = parts.map(summaryOf).reduce(mergeSummaries, emptySummary())
    return { ...summary, pendingBins: arm.pending.agesUs(at) }
  }

  /** Without new observations an earlier past remains the better one. */
  function closeEpoch(): void {
    windows?.carry()
    if (finishedIn(baseline.rest) > 0) {
      const counts = baseline.rest
      baseline.rest = past?.counts ?? create()
      past = { counts, names: { labels: [...labels.names], metrics: [...metrics.names] } }
    }
    clearAggregate(baseline.rest)
    clearAggregate(canary.rest)
  }

  /** Makes room for classes that came late: the rarer half of the labels becomes "other". */
  function foldLabels(): void {
    const slots = frequentSlots([baseline.rest.labels, canary.rest.labels], labels.names.length)
    const slotAfter = labels.keep(slots)
    for (const aggregate of live()) moveLabels(aggregate, slotAfter)
    clusters.forgetSlots()
  }

  function create(): Aggregate {
    return createAggregate({ labels: labels.capacity, metrics: metrics.capacity })
  }

  /** Every aggregate whose labels are those of now. */
  function live(): readonly Aggregate[] {
    return [baseline, canary].flatMap(aggregatesOf).concat(windows?.held ?? [])
  }

  function names(): SlotNames {
    return { labels: labels.names, metrics: metrics.names }
  }

  function armOf(variant: Variant): Arm<FlightEntry> | undefined {
    if (variant === 'baseline') return baseline
    return variant === 'canary' ? canary : undefined
  }

  function summaryOf(counts: Aggregate): Summary {
    return toSummary(counts, names())
  }

  function report(code: CanaryErrorCode, describe: () => string, options?: ErrorOptions): void {
    try {
      onInternalError?.(new CanaryError(code, describe(), options))
    } catch {
      // whoever listens, watching must never break serving
    }
  }
}
