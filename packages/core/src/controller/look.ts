import { CanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import { isCounts } from '../rollout/analyze.js'
import type { Counts, Reading } from '../rollout/counts.js'
import type { MetricsSource, SourceWindow } from '../rollout/ports.js'
import { flawOfReading } from '../rollout/reading-flaw.js'
import type { StepCounts } from '../rollout/status.js'
import { withDeadline } from '../runtime/deadline.js'
import { type BringerOptions, createBringer } from './bring-reading.js'
import type { ResolvedRollout } from './controller-options.js'
import { createInterimCheck } from './interim-check.js'
import { createJudgeReading } from './judge-reading.js'
import { createOwnProgress } from './own-progress.js'
import { createStepCounts } from './step-counts.js'

/** The options of {@link createLook}. */
export interface LookOptions
  extends Pick<BringerOptions, 'dispatcher' | 'isInForce' | 'isGateOpen' | 'withoutKey' | 'turn'> {
  readonly rollout: ResolvedRollout
  readonly source: MetricsSource
  readonly report: (error: CanaryError) => void
  /** Called with the counts of each look. */
  readonly onRead: (window: SourceWindow, counts: Counts) => void
  /** Aborted when the controller no longer waits for the source. */
  readonly signal: AbortSignal
}

/** The result of a look. */
export interface Looked {
  /** Whether the source had counts. */
  readonly hasCounts: boolean
  /** Settles when the result of the look has been written to the store, or the write has failed. */
  readonly written: Promise<void>
}

/** Reads the metrics source and passes the counts to the judge. */
export interface Look {
  /**
   * Reads the counts and asks the judge. Resolves once a harmful verdict has taken effect in this process; `written`
   * resolves once the store has the result.
   */
  look(): Promise<Looked>
  /**
   * Passes the counts that are available immediately to the judge, between two looks, and acts only on urgent harm.
   * Rejects if the store did not accept the result; the next interim check tries again.
   */
  interimCheck(): Promise<void>
  /** Returns the requests of the present step, as of now if they are counted in this process. Never throws. */
  counts(): StepCounts
}

/** Creates the looks of one rollout. An interim check never runs during a look. */
export function createLook(options: LookOptions): Look {
  const { rollout, source, dispatcher, report } = options
  const { course, clock, judge, guardrails } = rollout
  const bench = { judge, guardrails, course }
  const own = createOwnProgress({ source, clock, sinceMs: dispatcher.sinceMs })
  const judgeReading = createJudgeReading({ bench, source, clock, dispatcher, own, report })
  const bringer = createBringer({ ...options, own, judgeReading })
  let isLooking = false

  const interimCheck = createInterimCheck({ ...options, bench, own, isWriting: () => bringer.isWriting })

  return {
    counts: createStepCounts({ source, dispatcher, own, judged: () => bringer.judged }),
    async look() {
      isLooking = true
      try {
        const before = dispatcher.current
        const reading = await readSource(options)
        await options.turn?.()
        const written = bringer.bring({ before, reading, lookMs: dispatcher.look(), isUrgent: false })
        return { written, hasCounts: isCounts(reading) }
      } finally {
        isLooking = false
      }
    },
    async interimCheck() {
      if (isLooking || judge.watch === undefined) return
      const before = dispatcher.current
      const reading = interimCheck(before, judge.watch)
      if (reading === undefined) return
      // rejects if the store fails; the next interim check then finds the same harm again
      await bringer.bring({ before, reading, lookMs: before.state.lookMs, isUrgent: true })
    },
  }
}

/**
 * Reads the source. If it fails, does not answer in time or answers in a wrong shape, reports this and returns it as a
 * failed reading.
 */
async function readSource({ rollout, source, dispatcher, report, onRead, signal }: LookOptions): Promise<Reading> {
  const { clock, ioTimeoutMs } = rollout
  const { window } = dispatcher
  const failure = (words: string, cause?: unknown): Reading => {
    if (!signal.aborted) report(new CanaryError('SOURCE_FAILED', words, { cause }))
    return { failed: `the metrics source failed: ${words}` }
  }
  try {
    const answer = await withDeadline(clock, ioTimeoutMs, (deadline) => source.read(window, deadline), signal)
    const flaw = flawOfReading(answer)
    if (flaw !== undefined) return failure(flaw)
    if (answer !== 'no-data') onRead(window, answer)
    return answer
  } catch (cause) {
    return failure(messageOf(cause), cause)
  }
}
