import { type AnswerLines, answerLinesOf } from '../guardrails/answer-lines.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import type { Calibration } from '../judging/judge.js'
import { PULSE_MS } from '../recorder/recorder.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import type { Clock } from '../runtime/clock.js'

/** Sweeps for unanswered calls while any are under way, and keeps the ages by which they are told. */
export interface AnswerLinesKeeper {
  /** To be called when a call begins. */
  awake(): void
  /** What a rollout that begins now freezes: the ages as the baseline's past gives them, and whether it answered. */
  known(): Required<Pick<Calibration, 'answers' | 'answered'>>
  /** From now on these ages hold: those that a rollout was started with, or those of now where it has none. */
  freeze(lines: AnswerLines | undefined): void
  close(): void
}

/** What a keeper works on. */
export interface AnswerLinesKeeperOptions {
  readonly clock: Clock
  readonly recorder: Pick<Recorder, 'sweep' | 'underWay' | 'awaitAnswers' | 'answerTimes' | 'read'>
  readonly guardrails: readonly Guardrail[]
  /** Called when sweeps begin, and again at each: the clock's `elapsed` time. */
  readonly onAwake: (at: number) => void
  /** Called after every sweep. */
  readonly onSweep: (at: number) => void
}

/** Sweeps after which the ages are taken from the baseline again: about 15 s of traffic. */
const SWEEPS_A_LESSON = 60

/** Makes a keeper that follows the baseline. */
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

  /** A rollout that began without a past still learns, once, how long clients are used to wait. */
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

  use(learned()) // a guardrail may have a line of its own

  return {
    awake,
    known: () => ({ answers: learned(), answered: recorder.read('rollout', clock.elapsed()).baseline.answers }),
    freeze,
    close() {
      cancel?.()
      cancel = () => {} // nothing begins any more
    },
  }
}
