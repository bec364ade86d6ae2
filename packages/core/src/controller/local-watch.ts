import { CanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import type { Judge } from '../judging/judge.js'
import { type Bench, contextOf, type Progress, takeIn } from '../rollout/analyze.js'
import { courseFor } from '../rollout/followed-course.js'
import type { MetricsSource } from '../rollout/ports.js'
import type { Visit } from '../rollout/records.js'
import { isLive } from '../rollout/state.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import type { Dispatcher } from './dispatcher.js'
import { peekAt } from './peek.js'

/** Judges the counts of this process alone, for harm only: what is left of the judge while the store is down. */
export interface LocalWatch {
  /** Adds the counts since the last check. If they show harm, the canary's share is reduced. Never throws. */
  check(): void
}

/** The options of {@link createLocalWatch}. */
export interface LocalWatchOptions {
  readonly bench: Bench
  /** The counts of this process. */
  readonly source: MetricsSource
  readonly dispatcher: Pick<Dispatcher, 'current' | 'window' | 'sinceMs' | 'passedMs' | 'reduce'>
  /** Returns how many processes have reported in this epoch; `undefined` before the first answer of the store. */
  readonly lives: () => number | undefined
  readonly report: (error: CanaryError) => void
}

/** The number of processes that is assumed before the store has answered. */
const ASSUMED_LIVES = 64

/** What this process has added to its own evidence. */
interface Own extends Progress, Visit {
  readonly sinceMs: number
  readonly hasCalled: boolean
}

/**
 * Returns the part of the judge's false-alarm rate that one of so many processes gets: all of them together get half of
 * it, and the judge of their sum the other half. The number is rounded up to a power of two, so that it rarely changes.
 */
export const levelOfOne = (lives = ASSUMED_LIVES): number => 1 / (2 * 2 ** Math.ceil(Math.log2(Math.max(1, lives))))

/** The part of the judge's false-alarm rate that is left for the sum of all processes. */
export const LEVEL_OF_ALL = 0.5

/** Returns a judge with a part of its false-alarm rate; the judge itself if it has none. */
export const withLevel = (judge: Judge, level: number): Judge => judge.withLevel?.(level) ?? judge

/** Creates a watch that has counted nothing. */
export function createLocalWatch({ bench, source, dispatcher, lives, report }: LocalWatchOptions): LocalWatch {
  let own: Own | undefined

  /** Returns what the counts are added to: a new stay begins with the evidence of the stays before it. */
  const before = ({ state: { epoch, visit } }: StoredRollout, open: (previous: unknown) => unknown): Own => {
    if (own?.epoch === epoch && own.visit === visit) return own
    const previous = own?.epoch === epoch ? own.evidence : undefined
    const requests = { baseline: 0, canary: 0 }
    return { epoch, visit, evidence: open(previous), cumulative: null, requests, sinceMs: 0, hasCalled: false }
  }

  const check = (): void => {
    const { current, window } = dispatcher
    if (!isLive(current.state)) return void (own = undefined)
    const counts = peekAt(source, window, report)
    if (counts === undefined) return
    const judge = withLevel(bench.judge, levelOfOne(lives()))
    const context = { ...contextOf(current, { course: courseFor(current, bench.course) }), isOneProcess: true }
    const progress = before(current, (previous) => judge.open(previous, context))
    const sinceMs = dispatcher.sinceMs()
    const elapsedMs = Math.max(0, sinceMs - progress.sinceMs)
    const { taken } = takeIn(progress, { ...counts, clusters: null }, elapsedMs, context, judge)
    own = { ...progress, ...taken, sinceMs }
    if (own.hasCalled || judge.watch?.isUrgent(taken.evidence, context) !== true) return
    const verdict = judge.decide(taken.evidence, context, current.state.elapsedInStepMs + dispatcher.passedMs())
    if (verdict.kind !== 'fail') return
    own = { ...own, hasCalled: true }
    dispatcher.reduce(({ state: { requests, lookMs } }) => ({
      event: { type: 'analyzed', verdict, requests, lookMs },
      ground: { actor: 'judge' },
    }))
  }

  return {
    check() {
      try {
        check()
      } catch (cause) {
        report(new CanaryError('JUDGE_FAILED', messageOf(cause), { cause }))
      }
    },
  }
}
