import { type Point, pointOf } from '../rollout/point.js'
import type { SourceWindow } from '../rollout/ports.js'
import type { Visit } from '../rollout/records.js'
import { isSameStay, type Place } from '../rollout/span.js'
import { shareOf } from '../rollout/state.js'
import { oneAtATime } from '../runtime/one-at-a-time.js'
import { createTimerLoop } from '../runtime/timer-loop.js'
import type { Beginning } from './beginning.js'
import type { ControllerParts } from './controller-parts.js'
import type { HeldRollout } from './held-rollout.js'
import type { Lifetime } from './lifetime.js'
import { createSpanLog, type ServedUpTo } from './span-log.js'
import type { VisitedSplit } from './split-output.js'

/** Keeps what both versions served, for charts. */
export interface PointKeeping {
  /** Shows a split to this process. What was served before it ends a span. */
  show(split: VisitedSplit): void
  /** Takes note of the counts that the metrics source has returned. */
  read(window: SourceWindow, counts: ServedUpTo['counts']): void
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
  readonly lifetime: Pick<Lifetime, 'track'>
  readonly beginning: Pick<Beginning, 'hasBegun'>
}

/** The length of a span, in milliseconds. */
const SPAN_MS = 60_000

/** The most spans: a day of minutes. */
const MOST_SPANS = 1_440

/** Creates the keeping of points; it does nothing until it is armed. */
export function createPointKeeping({ parts, held, lifetime, beginning }: PointKeepingOptions): PointKeeping {
  const { rollout, replica: own, source } = parts
  const { clock, versions } = rollout
  const { dispatcher, isJudge } = held
  const areShared = own === undefined && source.survivesRestart !== false
  const begunAt = clock.now()
  const log = createSpanLog({ begunAt, areShared, thinned: (spans) => spans.slice(-MOST_SPANS) })
  const { state } = dispatcher.current
  let place: Place = { ...stayOf(state), versions, weight: shareOf(state) }
  let latest: (Visit & ServedUpTo) | undefined

  /** Returns what was served in the present stay up to now, or up to the latest reading of the source. */
  const served = (): ServedUpTo | undefined => {
    if (own !== undefined) return { counts: own.served(), at: clock.now() }
    return latest?.epoch === place.epoch && latest.visit === place.visit ? latest : undefined
  }
  const cut = oneAtATime(async () => {
    const now = served()
    if (now !== undefined) log.add(place, now)
  })
  const loop = createTimerLoop({
    ...{ clock, intervalMs: SPAN_MS, run: cut },
    isWanted: () => own !== undefined && beginning.hasBegun && isJudge(), // a source is read at looks
  })
  const cutIfDue = async (): Promise<void> => {
    if (clock.now() - (log.spans.at(-1)?.to ?? begunAt) >= SPAN_MS) await cut()
  }

  return {
    show(split) {
      const { active, weight, ...stay } = split
      const next = { ...stayOf(stay), versions, weight: active ? weight : 0 }
      if (!isSameStay(place, next) || place.weight !== next.weight) {
        const last = served()
        if (last !== undefined) log.add(place, last)
        log.begin(clock.now())
      }
      place = next
      parts.onSplit?.(split)
    },
    read({ epoch, visit }, counts) {
      if (own !== undefined) return
      latest = { epoch, visit, counts, at: clock.now() }
      lifetime.track(cutIfDue())
    },
    arm: loop.arm,
    afterRound: cutIfDue,
    stop() {
      loop.stop()
      lifetime.track(cut())
    },
    async points() {
      const now = served()
      const last = now && log.preview(place, now)
      return [...log.spans, ...(last ? [last] : [])].map(pointOf)
    },
  }
}

const stayOf = ({ epoch, visit, step }: Visit & Pick<Place, 'step'>) => ({ epoch, visit, step })
