import { type Point, pointOf } from '../rollout/point.js'
import type { SourceWindow } from '../rollout/ports.js'
import type { Visit } from '../rollout/records.js'
import { isSamePlace, isSameStay, type Place } from '../rollout/span.js'
import { shareOf } from '../rollout/state.js'
import { createThinning } from '../rollout/thin-spans.js'
import { oneAtATime } from '../runtime/one-at-a-time.js'
import { createTimerLoop } from '../runtime/timer-loop.js'
import type { Beginning } from './beginning.js'
import type { ControllerParts } from './controller-parts.js'
import type { HeldRollout } from './held-rollout.js'
import type { Lifetime } from './lifetime.js'
import { createEnds, createTakeUp, type Ends, type TakeUp } from './point-stays.js'
import { createServedSoFar, type ServedSoFar } from './served-so-far.js'
import { createSpanLog, type ServedUpTo, type SpanLog } from './span-log.js'
import type { VisitedSplit } from './split-output.js'
import { storeError } from './store-watch.js'
import { rarely, type StoredPoints, storedPoints } from './stored-points.js'

/** Keeps what both versions served, for charts: in all processes if this one judges for them. */
export interface PointKeeping {
  /** Shows a split to this process. What was served before it ends a span. */
  show(split: VisitedSplit): void
  /** Takes note of the counts that the metrics source has returned. */
  read(window: SourceWindow, counts: ServedUpTo['counts']): void
  /** Goes on with what is stored, because this process begins to judge. */
  takeOver(): void
  /** Schedules the next span. */
  arm(): void
  /** Ends the span if a minute is over: for a process that makes one round. */
  afterRound(): Promise<void>
  /** Ends the timer, and the last span. */
  stop(): void
  /** Returns the points, oldest first. */
  points(): Promise<readonly Point[]>
}

/** The options of {@link createPointKeeping}. */
export interface PointKeepingOptions {
  readonly parts: ControllerParts
  readonly held: Pick<HeldRollout, 'dispatcher' | 'isJudge' | 'replica'>
  readonly lifetime: Pick<Lifetime, 'track' | 'cutOff' | 'isClosed'>
  readonly beginning: Pick<Beginning, 'hasBegun'>
}

/** The length of a span, and the least time between two writes, in milliseconds. */
const SPAN_MS = 60_000

/** For how long the present span is shown without reading the reports again, in milliseconds. */
const FRESH_MS = 5_000

/** What points are made of, and where they are. */
interface Kept {
  readonly served: ServedSoFar
  readonly log: SpanLog
  readonly stored: StoredPoints | undefined
  readonly ends: Ends
  readonly takeUp: TakeUp
  /** Returns where the rollout stands in this process. */
  readonly place: () => Place
}

/** Creates the keeping of points; it does nothing until it is armed. */
export function createPointKeeping(options: PointKeepingOptions): PointKeeping {
  const { parts, held, lifetime, beginning } = options
  const { clock, versions } = parts.rollout
  const { isJudge, dispatcher } = held
  const { state } = dispatcher.current
  let place: Place = { ...stayOf(state), versions, weight: shareOf(state) }
  const begunAt = clock.now()
  const served = createServedSoFar(options)
  const log = createSpanLog({ begunAt, areShared: served.areShared, thinned: createThinning() })
  const stored = storedPoints(parts.rollout, held, lifetime.cutOff)
  const ends = createEnds({ served, log, now: () => clock.now() })
  const sources = { served, log, stored, ends, place: () => place }
  const openedAt = (): number => dispatcher.current.openedAt
  const takeUp = createTakeUp({ ...sources, begunAt, openedAt })
  const { cut, cutIfDue, loop } = createCuts(options, { ...sources, takeUp })

  return {
    show(split) {
      const { active, weight, ...stay } = split
      const before = place
      place = { ...stayOf(stay), versions, weight: active ? weight : 0 }
      try {
        if (served.isOfAll ? isJudge() && !isSameStay(before, place) : !isSamePlace(before, place)) ends.note(before)
      } catch (cause) {
        parts.events.report(storeError(cause)) // a chart must not prevent a rollback
      }
      parts.onSplit?.(split)
    },
    read(window, counts) {
      served.note(window, counts)
      if (parts.replica === undefined) lifetime.track(cutIfDue())
    },
    takeOver() {
      takeUp.again()
      loop.arm()
    },
    arm: loop.arm,
    afterRound: cutIfDue,
    stop() {
      loop.stop()
      if (beginning.hasBegun || takeUp.isDone) lifetime.track(cut())
    },
    points: createPoints(options, { ...sources, takeUp }),
  }
}

/** Creates what ends spans and stores them, unless another process judges. A failure is only counted. */
function createCuts(
  { parts, held: { isJudge }, beginning }: PointKeepingOptions,
  { served, log, stored, ends, takeUp, place }: Kept,
) {
  const { clock } = parts.rollout
  const write = async (): Promise<void> => {
    await takeUp.once()
    await ends.add()
    const at = place()
    const now = ends.areOpen ? undefined : await served.read(at)
    if (now) log.add(at, now)
    await stored?.keep(log.spans)
  }
  const cut = oneAtATime(async () => {
    if (isJudge()) await write().catch((cause) => parts.events.report(storeError(cause)))
  })
  return {
    cut,
    async cutIfDue(): Promise<void> {
      const last = log.spans.at(-1)
      if (last === undefined || clock.now() - last.to >= SPAN_MS) await cut()
    },
    loop: createTimerLoop({
      ...{ clock, intervalMs: SPAN_MS, run: cut },
      isWanted: () => parts.replica !== undefined && beginning.hasBegun && isJudge(), // a source is read at looks
    }),
  }
}

/** Creates what returns the points: those that are kept here and the present one, or what another process has stored. */
function createPoints(
  { parts, held: { isJudge }, lifetime }: PointKeepingOptions,
  { served, log, stored, ends, takeUp, place }: Kept,
): PointKeeping['points'] {
  const { clock } = parts.rollout
  const elapsed = (): number => clock.elapsed()
  const recent = rarely(served.isOfAll ? FRESH_MS : 0, elapsed, async () => {
    await ends.add()
    const of = place()
    return { of, total: await served.read(of) }
  })
  return async () => {
    if (lifetime.isClosed) return log.spans.map(pointOf)
    if (stored && !isJudge()) return (await stored.recent()).map(pointOf)
    await takeUp.once()
    const { of, total } = await recent()
    const last = total && of === place() && !ends.areOpen ? log.preview(of, total) : undefined
    return [...log.spans, ...(last ? [last] : [])].map(pointOf)
  }
}

const stayOf = ({ epoch, visit, step }: Visit & Pick<Place, 'step'>) => ({ epoch, visit, step })
