import { CanaryError, type CanaryErrorCode } from '../errors.js'
import { show } from '../options.js'
import type { AssignmentReason, ByVariant, Observation, Variant } from '../vocabulary.js'
import {
  type Aggregate,
  addAggregate,
  addBegun,
  addMeasurement,
  clearAggregate,
  createAggregate,
  finishedIn,
  moveLabels,
  type SlotNames,
  toSummary,
} from './aggregate.js'
import { frequentSlots } from './label-folding.js'
import { createMeasurer } from './measurement.js'
import { createNameTable } from './name-table.js'
import { createPending, type Pending, type PendingEntry } from './pending.js'
import { type RecorderOptions, resolveRecorderOptions } from './recorder-options.js'
import { emptySummary, mergeSummaries, type Summary } from './summary.js'
import { createSlidingWindow, type SlidingWindow } from './window.js'

/** Where a call came from: enough of its assignment to tell whether it is evidence. */
export interface Origin {
  readonly epoch: number
  readonly step: number
  readonly reason: AssignmentReason
}

/** A flight as the recorder follows it from `begin` to `end`. */
export interface FlightEntry extends PendingEntry {
  readonly origin: Origin
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
   * Opens a window: the weight has changed. The step's counts begin at nothing, and with a new epoch
   * the rollout's too, after the baseline's were frozen as {@link Recorder.before}.
   * Opening the current window again does nothing.
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
  /** What was recorded in a window, with the calls under way at `at`. */
  read(window: 'step' | 'rollout' | { readonly lastMs: number }, at: number): ByVariant<Summary>
  /** The baseline as it was before the epoch began, or `null` if nobody watched it. */
  before(): Summary | null
}

/** One variant's counts. Evidence is kept in `step` alone; the rollout is both together. */
interface Arm {
  readonly pending: Pending<FlightEntry>
  readonly step: Aggregate
  readonly sliding: SlidingWindow
  rest: Aggregate
}

/**
 * Makes a recorder for one rollout.
 * Throws `INVALID_OPTION`, `UNKNOWN_OPTION` or `INVALID_NAME` for options that cannot be used.
 */
export function createRecorder(options?: RecorderOptions): Recorder {
  const { slices, sliceMs, maxLabels, maxMetrics, metrics: placed, onInternalError } = resolveRecorderOptions(options)
  const labels = createNameTable(maxLabels)
  const metrics = createNameTable(maxMetrics, placed)
  const measure = createMeasurer({ labels, metrics, report })
  const baseline = createArm()
  const canary = createArm()
  let window: RecorderWindow = { epoch: 0, step: 0 }
  let openedAt = Number.POSITIVE_INFINITY
  let past: { readonly counts: Aggregate; readonly names: SlotNames } | undefined

  return {
    get window() {
      return window
    },
    get byteLength() {
      const arms = [baseline, canary].flatMap((arm) => [arm.rest, arm.step, ...arm.sliding.aggregates])
      return [...arms, past?.counts ?? baseline.rest]
        .flatMap((counts) => Object.values(counts) as ArrayBufferView[])
        .reduce((total, { byteLength }) => total + byteLength, labels.byteLength + metrics.byteLength)
    },
    open({ epoch, step }, at) {
      if (epoch === window.epoch && step === window.step) return
      closeStep()
      if (labels.overflowed) foldLabels()
      if (epoch !== window.epoch) closeEpoch()
      window = { epoch, step }
      openedAt = at
    },
    begin(entry) {
      const arm = armOf(entry.variant)
      if (!arm) return report('INVALID_VARIANT', () => `variant is ${show(entry.variant)}`)
      if (!arm.pending.add(entry)) return
      addBegun(isEvidence(entry) ? arm.step : arm.rest)
      const slice = arm.sliding.sliceAt(entry.startedAt)
      if (slice) addBegun(slice)
    },
    end(entry, observation) {
      if (armOf(entry.variant)?.pending.remove(entry)) count(observation, isEvidence(entry), false)
    },
    record(observation, origin) {
      count(observation, origin && isCurrent(origin), true)
    },
    read(which, at) {
      return { baseline: readArm(baseline, which, at), canary: readArm(canary, which, at) }
    },
    before() {
      return past ? toSummary(past.counts, past.names) : null
    },
  }

  /** The hot path. Without a verdict on the evidence, the call's own start decides. */
  function count(observation: Observation, evidence: boolean | undefined, isNew: boolean): void {
    const call = measure(observation)
    if (!call) return
    const arm = call.variant === 'canary' ? canary : baseline
    const counts = (evidence ?? isInWindow(call.startedAt)) ? arm.step : arm.rest
    addMeasurement(counts, call)
    if (isNew) addBegun(counts)
    const slice = arm.sliding.sliceAt(call.at)
    if (!slice) return
    addMeasurement(slice, call)
    if (isNew) addBegun(slice)
  }

  function isCurrent({ epoch, step, reason }: Origin): boolean {
    return reason === 'split' && epoch === window.epoch && step === window.step && epoch > 0
  }

  /** A rollout may come back to a step: what began in its first visit is no evidence for the second. */
  function isEvidence(entry: FlightEntry): boolean {
    return isCurrent(entry.origin) && isInWindow(entry.startedAt)
  }

  function isInWindow(startedAt: number): boolean {
    return window.epoch > 0 && startedAt >= openedAt
  }

  function readArm(arm: Arm, which: Parameters<Recorder['read']>[0], at: number): Summary {
    if (which === 'step') return { ...summaryOf(arm.step), pendingBins: arm.pending.agesUs(at, isEvidence) }
    const parts = which === 'rollout' ? [arm.rest, arm.step] : arm.sliding.recent(at, which.lastMs)
    const summary = parts.map(summaryOf).reduce(mergeSummaries, emptySummary())
    return { ...summary, pendingBins: arm.pending.agesUs(at) }
  }

  function closeStep(): void {
    for (const { rest, step } of [baseline, canary]) {
      addAggregate(rest, step)
      clearAggregate(step)
    }
  }

  /** Without new observations an earlier past remains the better one. */
  function closeEpoch(): void {
    if (finishedIn(baseline.rest) > 0) {
      const counts = baseline.rest
      baseline.rest = past?.counts ?? createAggregate(places())
      past = { counts, names: { labels: [...labels.names], metrics: [...metrics.names] } }
    }
    clearAggregate(baseline.rest)
    clearAggregate(canary.rest)
  }

  /** Makes room for classes that came late: the rarer half of the labels becomes "other". */
  function foldLabels(): void {
    const slots = frequentSlots([baseline.rest.labels, canary.rest.labels], labels.names.length)
    const slotAfter = labels.keep(slots)
    for (const arm of [baseline, canary]) {
      for (const counts of [arm.rest, ...arm.sliding.aggregates]) moveLabels(counts, slotAfter)
    }
  }

  function createArm(): Arm {
    const create = () => createAggregate(places())
    const sliding = createSlidingWindow({ slices, sliceMs, createAggregate: create })
    return { pending: createPending(), step: create(), rest: create(), sliding }
  }

  function places() {
    return { labels: labels.capacity, metrics: metrics.capacity }
  }

  function armOf(variant: Variant): Arm | undefined {
    if (variant === 'baseline') return baseline
    return variant === 'canary' ? canary : undefined
  }

  function summaryOf(counts: Aggregate): Summary {
    return toSummary(counts, { labels: labels.names, metrics: metrics.names })
  }

  function report(code: CanaryErrorCode, describe: () => string): void {
    try {
      onInternalError?.(new CanaryError(code, describe()))
    } catch {
      // whoever listens, watching must never break serving
    }
  }
}
