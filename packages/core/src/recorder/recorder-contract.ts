import type {
  AssignmentReason,
  ByVariant,
  MetricValue,
  Observation,
  Outcome,
  Variant,
} from '../foundation/vocabulary.js'
import type { AnswerLines } from '../guardrails/answer-lines.js'
import type { Strategy } from '../routing/strategy.js'
import type { AnswerCounts } from '../summaries/answer-counts.js'
import type { Clusters } from '../summaries/clusters.js'
import type { SparseBins } from '../summaries/histogram.js'
import type { Strata, StrataForm } from '../summaries/strata.js'
import type { Summary } from '../summaries/summary.js'
import type { VersionMetrics } from '../summaries/version-metrics.js'
import type { AwaitedCall } from './answer-watch.js'

/** The part of a call's assignment that determines whether it counts as evidence. */
export interface Origin {
  /** The number of the rollout, from 1. */
  readonly epoch: number
  /** The step: 0 is the warm-up. */
  readonly step: number
  /** Why the variant was chosen. Only calls that were split are evidence. */
  readonly reason: AssignmentReason
  /** The canary's share at that time, in percent. */
  readonly weight?: number | undefined
  /** The routing bucket of the key, where the strategy has buckets. */
  readonly bucket?: number | undefined
}

/** A flight that the recorder follows from `begin` to `end`. */
export interface FlightEntry extends AwaitedCall {
  /** Where in the rollout the call began. */
  readonly origin: Origin
  /** Closes the flight. */
  end?(result: { readonly outcome: Outcome }): void
  /** Closes the flight if it had no output after `since` (clock's `elapsed` scale); `maxFlightMs` is the limit. */
  endIfSilentSince?(since: number, maxFlightMs: number): void
}

/** One epoch and step of a rollout. Epoch 0 is the time before the first rollout. */
export interface RecorderWindow {
  /** The number of the rollout, from 1. 0 before the first. */
  readonly epoch: number
  /** The step: 0 is the warm-up. */
  readonly step: number
  /** The number of the stay: a step that is visited again has another one. 0 unless given. */
  readonly visit?: number
  /**
   * What the split picks at random: keys, each of which counts at most once as a caller in the window, or requests, each
   * of which counts as a caller. Keys unless given.
   */
  readonly unit?: Strategy['unit'] | undefined
}

/** The window that is open. */
export type OpenedWindow = Required<Omit<RecorderWindow, 'unit'>>

/** Keeps the counts of both arms in bounded memory. Invalid input at run time never makes it throw. */
export interface Recorder {
  /** The open window; epoch 0 before the first one. */
  readonly window: OpenedWindow
  /**
   * The memory of all counts, and the maximum memory of names, in bytes. It grows with the first call that has a key, a
   * bucket, a score or a business metric.
   */
  readonly byteLength: number
  /**
   * Opens a window when the weight has changed. Resets the counts of the step and, with a new epoch, of the
   * rollout.
   * Opening the current window again has no effect.
   */
  open(window: RecorderWindow, at: number): void
  /** Starts to follow a flight. */
  begin(entry: FlightEntry): void
  /** Records that the flight's caller has the first output. If not called, the end of the flight decides this. */
  answered(entry: FlightEntry, at: number): void
  /** Ends a flight and records the observation. Has no effect on a flight that is not pending. */
  end(entry: FlightEntry, observation: Observation): void
  /**
   * Records a finished call. It counts as evidence for the step if it was split in the current window, or, with
   * unknown origin, if it began after the window opened.
   */
  record(observation: Observation, origin?: Origin): void
  /** Looks for overdue flights. Call it every {@link PULSE_MS} while flights are pending; a late call is a stall. */
  sweep(at: number): void
  /** Visits the pending flights that began before `startedBefore`, oldest first. `each` may end its flight. */
  visit(startedBefore: number, each: (entry: FlightEntry) => void): void
  /** The number of pending flights. */
  readonly underWay: number
  /** Sets the ages from which calls count as unanswered. */
  awaitAnswers(lines: AnswerLines): void
  /** Returns the answer counts of one arm in the current step. */
  answers(variant: Variant): AnswerCounts
  /** Returns a histogram of the baseline's time to first output, in µs, over a few ten thousand recent calls. */
  answerTimes(): SparseBins
  /** Adds late metrics where their call was counted; metrics of another epoch are left out. */
  track(metrics: Readonly<Record<string, MetricValue | undefined>>, variant: Variant, origin: Origin, at: number): void
  /**
   * Returns the counts of a window, with the calls pending at `at`.
   *
   * @param before an earlier result for the step: bins that have not changed since are taken over from it
   */
  read(
    window: 'step' | 'rollout' | { readonly lastMs: number },
    at: number,
    before?: ByVariant<Summary>,
  ): ByVariant<Summary>
  /** Returns the metrics of both versions in a window. It takes as long after many calls as after few. */
  metrics(window: Parameters<Recorder['read']>[0], at: number): ByVariant<VersionMetrics>
  /** Returns the baseline's flights of all epochs by key hash; `null` if no flight with a key has finished. */
  clusters(): Clusters | null
  /**
   * Returns what was counted by routing bucket since the last cut, of the calls that a version served alone; `null` if
   * no such call had a bucket.
   *
   * @param variant the baseline unless given
   */
  strata(variant?: Variant): Strata | null
  /** Returns the same, and begins to count anew by this form. */
  cutStrata(form: StrataForm, variant?: Variant): Strata | null
}
