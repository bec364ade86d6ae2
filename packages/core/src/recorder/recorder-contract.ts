import type {
  AssignmentReason,
  ByVariant,
  MetricValue,
  Observation,
  Outcome,
  Variant,
} from '../foundation/vocabulary.js'
import type { AnswerLines } from '../guardrails/answer-lines.js'
import type { AnswerCounts } from '../summaries/answer-counts.js'
import type { Clusters } from '../summaries/clusters.js'
import type { SparseBins } from '../summaries/histogram.js'
import type { Summary } from '../summaries/summary.js'
import type { AwaitedCall } from './answer-watch.js'

/** Where a call came from: enough of its assignment to tell whether it is evidence. */
export interface Origin {
  readonly epoch: number
  readonly step: number
  readonly reason: AssignmentReason
}

/** A flight as the recorder follows it from `begin` to `end`. */
export interface FlightEntry extends AwaitedCall {
  readonly origin: Origin
  /** Closes the flight. */
  end?(result: { readonly outcome: Outcome }): void
  /** Closes the flight if it gave no output since then, on the clock's `elapsed` scale; `maxFlightMs` says what is allowed. */
  endIfSilentSince?(since: number, maxFlightMs: number): void
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
   * Opens a window: the weight has changed. The step's counts begin at nothing, and with a new epoch the rollout's too.
   * Opening the current window again does nothing.
   */
  open(window: RecorderWindow, at: number): void
  /** Follows a flight from now on. */
  begin(entry: FlightEntry): void
  /** The flight's caller has its first output. Its end says the same where nothing did before. */
  answered(entry: FlightEntry, at: number): void
  /** Ends a flight and records how. A flight that is not under way is ended already: nothing happens. */
  end(entry: FlightEntry, observation: Observation): void
  /**
   * Records a call that finished. Only one that was split in the current window is evidence for the step;
   * a call of unknown origin is, if it began after the window opened.
   */
  record(observation: Observation, origin?: Origin): void
  /** Looks for flights that are overdue. To be called every {@link PULSE_MS} while flights are under way: a later call tells of a stall. */
  sweep(at: number): void
  /** Visits the flights under way that began before, oldest first. The visit may end the one that it is given. */
  visit(startedBefore: number, each: (entry: FlightEntry) => void): void
  /** How many flights are under way. */
  readonly underWay: number
  /** The ages by which unanswered calls are told from now on. */
  awaitAnswers(lines: AnswerLines): void
  /** Whether the callers of one arm got answers, in the current step. */
  answers(variant: Variant): AnswerCounts
  /** How long the baseline's callers waited for the first output, in microseconds, by histogram bin: a few ten thousand of the latest calls. */
  answerTimes(): SparseBins
  /** Adds metrics that became known after their call, where that call was counted; one of another epoch is left out. */
  track(metrics: Readonly<Record<string, MetricValue>>, variant: Variant, origin: Origin, at: number): void
  /** What was recorded in a window, with the calls under way at `at`. */
  read(window: 'step' | 'rollout' | { readonly lastMs: number }, at: number): ByVariant<Summary>
  /** The baseline's flights by the hash of their key, in every life so far; `null` if none with a key has finished. */
  clusters(): Clusters | null
}
