import { CanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import { type Analysis, analyze, contextOf, type Glances, isCounts, type Progress, takeIn } from '../rollout/analyze.js'
import { answeredOn } from '../rollout/answered-since.js'
import type { Reading } from '../rollout/counts.js'
import { noValues } from '../rollout/no-values.js'
import { outOfReach } from '../rollout/out-of-reach.js'
import type { MetricsSource, SourceWindow } from '../rollout/ports.js'
import { isLive, phaseOf } from '../rollout/state.js'
import type { StoredRollout } from '../rollout/store.js'
import type { Turn } from '../rollout/turn.js'
import { withDeadline } from '../runtime/deadline.js'
import type { ResolvedRollout } from './controller-options.js'
import type { Choose, Dispatcher } from './dispatcher.js'

/** What a look needs. */
export interface LookOptions {
  readonly rollout: ResolvedRollout
  readonly source: MetricsSource
  readonly dispatcher: Dispatcher
  readonly report: (error: CanaryError) => void
  /** Whether the weight in force is the one that was decided; until then only a failure counts. */
  readonly isInForce: () => boolean
  /** Whether the gate of a step has just said yes. */
  readonly isGateOpen: (place: Pick<SourceWindow, 'epoch' | 'step'>) => boolean
  /** Aborted when nobody waits for the source any more. */
  readonly signal: AbortSignal
}

/** A look that was made. */
export interface Looked {
  readonly written: Promise<void>
}

/** The eyes of a rollout. */
export interface Look {
  /**
   * Reads what was counted and asks the judge. Resolves once harm has acted here; `written` is kept when the store has the rest.
   */
  look(): Promise<Looked>
  /**
   * Between two looks: shows the judge what is at hand, and brings only harm that cannot wait to the rollout.
   * Rejects where the store did not take that; it is brought again at the next glance.
   */
  glance(): Promise<void>
}

/** How far this process has come since the stored evidence was written. */
interface Own extends Progress {
  readonly epoch: number
  readonly step: number
  readonly openedAt: number
  /** The stored evidence that this follows; another one means that somebody else judged meanwhile. */
  readonly base: unknown
  readonly blocks: Glances['blocks']
  /** When counts were last taken in, on the clock's `elapsed` scale. */
  readonly at: number
  readonly hasCalled: boolean
}

/** So many blocks since the last write are kept for a replay: about twice what a look brings. A store that is down must not make them more. */
const MOST_BLOCKS = 60

/** The blocks with one more; `null`, and no turn for a replay, once they are too many: they are in the evidence already. */
const withNext = (blocks: Glances['blocks'], block: Turn['blocks'][number]): Glances['blocks'] =>
  blocks === null || blocks.length >= MOST_BLOCKS ? null : [...blocks, block]

/** Makes the eyes of one rollout. A look and a glance are never under way together. */
export function createLook(options: LookOptions): Look {
  const { rollout, source, dispatcher, report, isInForce, isGateOpen, signal } = options
  const { course, clock, judge, guardrails, ioTimeoutMs } = rollout
  const bench = { judge, guardrails, course }
  let own: Own | undefined
  let isLooking = false
  let isWriting = false // while it is, `own` stands still: the look that is being written may have to be made again

  /** Where this process's counts stood, also where somebody else has judged since. */
  const countedOf = ({ state, cumulative }: StoredRollout): Progress['cumulative'] => {
    if (source.survivesRestart !== false) return cumulative
    return own?.epoch === state.epoch && own.step === state.step ? own.cumulative : null
  }

  /** What this process has taken in since the stored evidence was written. */
  const glancesOf = (stored: StoredRollout): Glances => {
    const { epoch, step, requests } = stored.state
    const { evidence, openedAt } = stored
    const isOpen = own?.openedAt === openedAt || source.survivesRestart === false // those count on, whatever was reopened
    if (isOpen && own?.epoch === epoch && own.step === step && own.base === evidence) {
      return { evidence, blocks: own.blocks, progress: own, sinceMs: clock.elapsed() - own.at }
    }
    const progress = { evidence, cumulative: countedOf(stored), requests }
    return { evidence, blocks: [], progress, sinceMs: dispatcher.sinceMs() }
  }

  const read = async (): Promise<Reading> => {
    const { window } = dispatcher
    try {
      return await withDeadline(clock, ioTimeoutMs, (deadline) => source.read(window, deadline), signal)
    } catch (cause) {
      if (!signal.aborted) report(new CanaryError('SOURCE_FAILED', messageOf(cause), { cause }))
      return { failed: `the metrics source failed: ${messageOf(cause)}` }
    }
  }

  const judgeSafely = (stored: StoredRollout, reading: Reading, glances: Glances): Analysis => {
    try {
      return analyze(stored, reading, dispatcher.passedMs(), bench, glances)
    } catch (cause) {
      report(new CanaryError('JUDGE_FAILED', messageOf(cause), { cause }))
      return analyze(stored, { failed: `the judge failed: ${messageOf(cause)}` }, dispatcher.passedMs(), bench, glances)
    }
  }

  /** What the rollout has to know besides the verdict. */
  const surroundingsOf = (
    { state, calibration, guardrails }: StoredRollout,
    { verdict: { checks }, requests, cumulative }: Analysis,
  ) => {
    const elapsedMs = state.elapsedInStepMs + dispatcher.passedMs()
    const isJudged = phaseOf(state) === 'step'
    const found = () =>
      noValues(guardrails, cumulative?.canary, requests.canary) ?? outOfReach(checks, guardrails, elapsedMs)
    const note = isJudged ? found() : undefined
    return {
      isGateOpen: isGateOpen(state),
      isByKey: calibration.unit === 'key',
      ...(note !== undefined && { note }),
    }
  }

  /** What a process watches itself between two looks, seen from outside. */
  const watched = (stored: StoredRollout, reading: Reading): Pick<Analysis, 'answered' | 'trips'> => {
    if (source.survivesRestart === false) return {}
    const [answered, trips] = answeredOn(stored, isCounts(reading) ? reading : undefined, dispatcher.sinceMs())
    return { answered, ...(trips !== undefined && { trips }) }
  }

  /** Brings a reading to the rollout, unless that has moved on since it was taken. Harm acts before this returns. */
  const bring = (before: StoredRollout, reading: Reading, lookMs: number, isUrgent = false): Promise<void> => {
    const { openedAt } = before
    const { epoch, step } = before.state
    const counted = countedOf(before)
    let judged: { readonly of: StoredRollout; readonly analysis: Analysis; readonly at: number } | undefined

    const judgedBy = (current: StoredRollout): Analysis => {
      if (judged?.of.state !== current.state || judged.of.evidence !== current.evidence) {
        const glances = glancesOf(current)
        const analysis = { ...judgeSafely(current, reading, glances), ...watched(current, reading) }
        const at =
          analysis.turn === null && analysis.truncated !== true ? clock.elapsed() - glances.sinceMs : clock.elapsed()
        judged = { of: current, analysis, at }
      }
      return judged.analysis
    }
    const choose: Choose = (current) => {
      const isSameStay = current.state.epoch === epoch && current.state.step === step && current.openedAt === openedAt
      const isStale = !isSameStay || countedOf(current) !== counted
      if (isStale) return undefined // somebody else looked meanwhile: counted twice would be worse than once less
      const analysis = judgedBy(current)
      const { verdict, requests, trips } = analysis
      if (trips !== undefined && verdict.response !== 'rollback') {
        return [
          { type: 'tripped', epoch, reason: trips },
          { actor: 'tripwire', analysis },
        ]
      }
      if (verdict.kind !== 'fail' && !isInForce()) return undefined
      return [
        { type: 'analyzed', verdict, requests, lookMs, ...surroundingsOf(current, analysis) },
        { actor: 'judge', analysis },
      ]
    }
    const write = async (): Promise<void> => {
      if (!(await dispatcher.dispatch(choose)) || judged === undefined) return
      const { evidence, cumulative, requests, verdict } = judged.analysis
      const hasCalled = isUrgent || verdict.kind === 'fail'
      own = {
        epoch,
        step,
        openedAt,
        base: evidence,
        evidence,
        cumulative,
        requests,
        blocks: [],
        at: judged.at,
        hasCalled,
      }
    }
    // a store that is slow keeps the evidence back, never the eyes: what is not taken in now is in the next reading
    if (dispatcher.reduce(choose) || isWriting) return Promise.resolve()
    isWriting = true
    return write().finally(() => {
      isWriting = false
    })
  }

  /** Shows the judge what is at hand. Returns the reading where it says what cannot wait. */
  const glanceAt = (stored: StoredRollout, watch: NonNullable<typeof judge.watch>): Reading | undefined => {
    const { epoch, step } = stored.state
    const reading = source.peek?.(dispatcher.window)
    if (reading === undefined || reading === 'no-data' || !isLive(stored.state)) return undefined
    const context = contextOf(stored, bench)
    const { progress, blocks: before, sinceMs } = glancesOf(stored)
    const { block, ...next } = takeIn(progress, reading, sinceMs, context, judge)
    const hasCalled = progress === own && own.hasCalled
    const blocks = withNext(before, block)
    const place = { epoch, step, openedAt: stored.openedAt, base: stored.evidence }
    if (!isWriting) own = { ...next, ...place, blocks, at: clock.elapsed(), hasCalled }
    return !hasCalled && watch.isUrgent(next.evidence, context) ? reading : undefined
  }

  const glanceSafely = (stored: StoredRollout, watch: NonNullable<typeof judge.watch>): Reading | undefined => {
    try {
      return glanceAt(stored, watch)
    } catch (cause) {
      report(new CanaryError('JUDGE_FAILED', messageOf(cause), { cause }))
      return undefined
    }
  }

  return {
    async look() {
      isLooking = true
      try {
        const before = dispatcher.current
        const reading = await read()
        return { written: bring(before, reading, dispatcher.look()) }
      } finally {
        isLooking = false
      }
    },
    async glance() {
      if (isLooking || judge.watch === undefined) return
      const before = dispatcher.current
      const urgent = glanceSafely(before, judge.watch)
      if (urgent !== undefined) await bring(before, urgent, before.state.lookMs, true) // rejects with the store's failure, and is urgent again then
    },
  }
}
