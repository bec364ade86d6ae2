import { CanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import { type Analysis, analyze, type Bench, type InterimProgress, isCounts } from '../rollout/analyze.js'
import { answeredOn } from '../rollout/answered-since.js'
import type { Reading } from '../rollout/counts.js'
import type { MetricsSource } from '../rollout/ports.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { Clock } from '../runtime/clock.js'
import type { Dispatcher } from './dispatcher.js'
import type { OwnProgress } from './own-progress.js'

/** A reading that was judged for one state of a rollout. */
export interface Judged {
  readonly analysis: Analysis
  /** When its counts were added to the evidence, on the clock's `elapsed` scale. */
  readonly takenAt: number
  /** Returns whether the judgement is also valid for this state of the rollout. */
  readonly isOf: (stored: StoredRollout) => boolean
}

/** The options of {@link createJudgeReading}. */
export interface JudgeReadingOptions {
  readonly bench: Bench
  readonly source: MetricsSource
  readonly clock: Clock
  readonly dispatcher: Pick<Dispatcher, 'sinceMs' | 'passedMs'>
  readonly own: OwnProgress
  readonly report: (error: CanaryError) => void
}

/** Creates the function that judges a reading. If the judge throws, this is reported, and the verdict is an error. */
export function createJudgeReading(options: JudgeReadingOptions): (stored: StoredRollout, reading: Reading) => Judged {
  const { bench, source, clock, dispatcher, own, report } = options

  const judgeSafely = (stored: StoredRollout, reading: Reading, interim: InterimProgress): Analysis => {
    try {
      return analyze(stored, reading, dispatcher.passedMs(), bench, interim)
    } catch (cause) {
      report(new CanaryError('JUDGE_FAILED', messageOf(cause), { cause }))
      return analyze(stored, { failed: `the judge failed: ${messageOf(cause)}` }, dispatcher.passedMs(), bench, interim)
    }
  }

  /**
   * Whether callers are answered, for a source outside of this process. Other sources are watched between two looks.
   */
  const watched = (stored: StoredRollout, reading: Reading): Pick<Analysis, 'answered' | 'trips'> => {
    if (source.survivesRestart === false) return {}
    const [answered, trips] = answeredOn(stored, isCounts(reading) ? reading : undefined, dispatcher.sinceMs())
    return { answered, ...(trips !== undefined && { trips }) }
  }

  return function judgeReading(stored, reading) {
    const interim = own.interimOf(stored)
    const analysis = { ...judgeSafely(stored, reading, interim), ...watched(stored, reading) }
    const isTakenIn = analysis.turn !== null || analysis.truncated === true
    return {
      analysis,
      takenAt: isTakenIn ? clock.elapsed() : clock.elapsed() - interim.sinceMs,
      isOf: ({ state, evidence }) => state === stored.state && evidence === stored.evidence,
    }
  }
}
