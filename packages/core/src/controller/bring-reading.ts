import type { ByVariant } from '../foundation/vocabulary.js'
import type { Reading } from '../rollout/counts.js'
import { fewValues } from '../rollout/few-values.js'
import { noValues } from '../rollout/no-values.js'
import { outOfReach } from '../rollout/out-of-reach.js'
import type { MetricsSource, SourceWindow } from '../rollout/ports.js'
import { phaseOf } from '../rollout/state.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { describeUnserved } from '../rollout/unserved.js'
import type { LoopTurn } from '../runtime/loop-turn.js'
import type { Summary } from '../summaries/summary.js'
import type { Dispatcher } from './dispatcher.js'
import type { Judged } from './judge-reading.js'
import type { Choice } from './make-change.js'
import { boundedBlocks, type OwnProgress } from './own-progress.js'

/** A reading of the source, and the look or interim check that took it. */
export interface Taken {
  /** The rollout at the time when the source was asked. */
  readonly before: StoredRollout
  readonly reading: Reading
  /** Time since the look before, in milliseconds. */
  readonly lookMs: number
  /** True for urgent harm that an interim check found between two looks. */
  readonly isUrgent: boolean
}

/** Judges readings and applies the verdicts to the rollout. */
export interface Bringer {
  /**
   * True while a reading is being written. Its look may have to be repeated, so nothing else is added to the evidence.
   */
  readonly isWriting: boolean
  /** The counts of this process that were judged last; `null` if none were. */
  readonly judged: ByVariant<Summary> | null
  /**
   * Judges a reading and applies the verdict, unless the rollout has moved on since it was taken.
   * A harmful verdict takes effect before this returns; resolves when the result is written.
   */
  bring(taken: Taken): Promise<void>
}

/** The options of {@link createBringer}. */
export interface BringerOptions {
  readonly dispatcher: Dispatcher
  readonly source: Pick<MetricsSource, 'survivesRestart'>
  readonly own: OwnProgress
  readonly judgeReading: (stored: StoredRollout, reading: Reading) => Judged
  /** Returns whether the weight in force is the decided one; until then only a failing verdict counts. */
  readonly isInForce: () => boolean
  /** Returns whether the gate of a step has just opened. */
  readonly isGateOpen: (place: Pick<SourceWindow, 'epoch' | 'step'>) => boolean
  /** Returns how many requests of this step had no usable key in this process; left out if it splits no requests. */
  readonly withoutKey: (() => number) | undefined
  /** Lets the event loop turn before a result is written; harm takes effect before. */
  readonly turn?: LoopTurn | undefined
}

interface JudgedChoice extends Choice {
  readonly judged: Judged
}

/** Creates a bringer. It judges before it writes, and judges again only if the rollout has changed by then. */
export function createBringer(options: BringerOptions): Bringer {
  const { dispatcher, own, judgeReading } = options
  let isWriting = false
  let judged: ByVariant<Summary> | null = null

  const write = async (choose: (current: StoredRollout) => JudgedChoice | undefined, { before, isUrgent }: Taken) => {
    await options.turn?.()
    const dispatched = await dispatcher.dispatch(choose, { isJudged: true })
    if (dispatched === undefined) return false
    const { analysis, takenAt } = dispatched.chosen.judged
    const { evidence, cumulative, requests, verdict } = analysis
    const { state, openedAt } = before
    const hasCalled = isUrgent || verdict.kind === 'fail'
    own.follow({
      epoch: state.epoch,
      step: state.step,
      openedAt,
      evidence,
      cumulative,
      requests,
      at: takenAt,
      hasCalled,
    })
    return true
  }

  return {
    get isWriting() {
      return isWriting
    },
    get judged() {
      return judged
    },
    async bring(taken) {
      const { reading, lookMs } = taken
      const isSameStay = stayOf(taken.before, own)
      const { current: now } = dispatcher
      if (!isSameStay(now)) return // another process has looked; counting twice would be worse
      const first = judgeReading(now, reading)
      const choose = (current: StoredRollout): JudgedChoice | undefined => {
        if (!isSameStay(current)) return undefined
        const latest = first.isOf(current) ? first : judgeReading(current, reading)
        judged = latest.analysis.cumulative
        return choiceOf(current, latest, lookMs, options)
      }
      // a slow store delays the evidence, never the judge: counts that are skipped now are in the next reading
      if (dispatcher.reduce(choose) !== undefined || isWriting) return
      isWriting = true
      let isWritten = false
      try {
        isWritten = await write(choose, taken)
      } finally {
        isWriting = false
        if (!isWritten) goOn(dispatcher.current, choose(dispatcher.current), options)
      }
    },
  }
}

/**
 * Goes on from a reading that was judged and not written, so that the next one is judged by what is new in it: the
 * errors of a minute are not hidden in the requests of an hour. The counts of this process itself are taken in by the
 * interim checks.
 */
function goOn(
  { evidence: base, openedAt, state: { epoch, step } }: StoredRollout,
  choice: JudgedChoice | undefined,
  { own, source }: BringerOptions,
): void {
  if (choice === undefined || source.survivesRestart === false) return
  const { analysis, takenAt: at } = choice.judged
  const { evidence, cumulative, requests, turn, truncated, hasFallen = false } = analysis
  if (turn === null && truncated !== true) return // nothing was added
  const blocks = boundedBlocks(turn?.blocks ?? null)
  const progress = { evidence, cumulative, requests, hasFallen }
  own.takeIn({ ...progress, epoch, step, openedAt, base, blocks, at, hasCalled: false })
}

/**
 * Returns a function that checks that the stay and the counts of this process are still those of `before`.
 */
function stayOf(before: StoredRollout, own: OwnProgress): (current: StoredRollout) => boolean {
  const counted = own.countedOf(before)
  const { openedAt, state } = before
  return (current) =>
    current.state.epoch === state.epoch &&
    current.state.step === state.step &&
    current.openedAt === openedAt &&
    own.countedOf(current) === counted
}

/** Returns what a judged reading calls for, or `undefined` if nothing. */
function choiceOf(
  current: StoredRollout,
  judged: Judged,
  lookMs: number,
  { dispatcher, isInForce, isGateOpen, withoutKey }: BringerOptions,
): JudgedChoice | undefined {
  const { analysis } = judged
  const { verdict, requests, trips, hasFallen = false } = analysis
  const { state, calibration, guardrails } = current
  if (trips !== undefined && verdict.response !== 'rollback') {
    const event = { type: 'tripped', epoch: state.epoch, reason: trips } as const
    return { event, ground: { actor: 'tripwire', analysis }, judged }
  }
  if (verdict.kind !== 'fail' && !isInForce()) return undefined
  const elapsedMs = state.elapsedInStepMs + dispatcher.passedMs()
  const unseen = fewValues(guardrails, analysis.cumulative)
  const found = () =>
    noValues(guardrails, analysis.cumulative?.canary, requests.canary) ??
    unseen ??
    outOfReach(verdict.checks, guardrails, elapsedMs)
  const note = phaseOf(state) === 'step' ? found() : undefined
  const event = {
    type: 'analyzed',
    verdict,
    requests,
    lookMs,
    isGateOpen: isGateOpen(state),
    isByKey: calibration.unit === 'key',
    withoutKey: withoutKey?.() ?? 0,
    unserved: describeUnserved(analysis.cumulative, current, withoutKey !== undefined),
    ...(note && { note }),
    ...(unseen && { unseen }),
    hasFallen,
  } as const
  return { event, ground: { actor: 'judge', analysis }, judged }
}
