import { type AnswerLines, answerLinesOf } from '../guardrails/answer-lines.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import type { Calibration } from '../judging/judge.js'
import { PULSE_MS } from '../recorder/recorder.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import type { Clock } from '../runtime/clock.js'

/** Sweeps for unanswered calls while calls are pending, and keeps the ages from which calls count as unanswered. */
export interface AnswerLinesKeeper {
  /** Must be called when a call begins. */
  awake(): void
  /** Returns what a rollout freezes when it starts: the ages learned from the baseline, and its answer counts. */
  known(): Required<Pick<Calibration, 'answers' | 'answered'>>
  /** Fixes the ages: to those that the rollout was started with, or to the current ones if it has none. */
  freeze(lines: AnswerLines | undefined): void
  close(): void
}

/** Options of a keeper. */
export interface AnswerLinesKeeperOptions {
  readonly clock: Clock
  readonly recorder: Pick<Recorder, 'sweep' | 'underWay' | 'awaitAnswers' | 'answerTimes' | 'read'>
  readonly guardrails: readonly Guardrail[]
  /** Called when sweeps begin, with the clock's `elapsed` time. */
  readonly onAwake: (at: number) => void
  /** Called after every sweep. */
  readonly onSweep: (at: number) => void
}

/** Number of sweeps after which the ages are learned again from the baseline: about 15 s of traffic. */
const SWEEPS_A_LESSON = 60

/** Creates a keeper that learns its ages from the baseline. */
export function createAnswerLinesKeeper(options: AnswerLinesKeeperOptions): AnswerLinesKeeper {
  const { clock, recorder, guardrails } = options
  let cancel: (() => void) | undefined
  let frozen: AnswerLines | undefined
  let isPatienceKnown = false
  let sweeps = 0

  const learned = (): AnswerLines => answerLinesOf(recorder.answerTimes(), guardrails)

  const use = (lines: AnswerLines): void => {
    recorder.awaitAnswers(lines)
    isPatienceKnown = lines.patienceMs !== null
  }

  const freeze = (lines: AnswerLines = learned()): void => {
    frozen = lines
    use(lines)
  }

  /** Learns the ages until they are frozen. A rollout that began without a past still learns its patience once. */
  const learn = (): void => {
    if (frozen === undefined) use(learned())
    else if (!isPatienceKnown) freeze({ ...frozen, patienceMs: learned().patienceMs })
  }

  const beat = (): void => {
    cancel = undefined
    const at = clock.elapsed()
    recorder.sweep(at)
    sweeps += 1
    if (!isPatienceKnown || sweeps % SWEEPS_A_LESSON === 0) learn()
    options.onSweep(at)
    if (recorder.underWay > 0) awake()
  }

  const awake = (): void => {
    if (cancel !== undefined) return
    options.onAwake(clock.elapsed())
    cancel = clock.schedule(PULSE_MS, beat)
  }

  use(learned()) // a guardrail may set a limit of its own

  return {
    awake,
    known: () => ({ answers: learned(), answered: recorder.read('rollout', clock.elapsed()).baseline.answers }),
    freeze,
    close() {
      cancel?.()
      cancel = () => {} // keeps `awake` from scheduling again
    },
  }
}
