import { isSameStay, type Place } from '../rollout/span.js'
import { oneAtATime } from '../runtime/one-at-a-time.js'
import type { ServedSoFar } from './served-so-far.js'
import type { ServedUpTo, SpanLog } from './span-log.js'
import type { StoredPoints } from './stored-points.js'

/** How long the processes may take to report the end of a stay, in milliseconds. */
const REPORTED_MS = 15_000

/** A stay that has ended. */
interface Ended {
  readonly place: Place
  readonly at: number
}

/** The ends of stays, whose last counts other processes may have to report first. */
export interface Ends {
  /** True while an end is not counted yet. */
  readonly areOpen: boolean
  /** Notes that a stay ends now, or has ended. */
  note(place: Place, at?: number): void
  /** Counts those that everybody has reported by now. */
  add(): Promise<void>
  forget(): void
}

/** Creates ends of which there are none. */
export function createEnds({
  served,
  log,
  now,
}: {
  readonly served: ServedSoFar
  readonly log: SpanLog
  readonly now: () => number
}): Ends {
  let open: readonly Ended[] = []
  const count = ({ place, at }: Ended, total: ServedUpTo | undefined): void => {
    if (total) log.add(place, served.isOfAll ? { ...total, at } : total)
    log.begin(at)
  }
  return {
    get areOpen() {
      return open.length > 0
    },
    note(place, at = now()) {
      if (served.isOfAll) open = [...open, { place, at }]
      else count({ place, at }, served.known(place))
    },
    add: oneAtATime(async () => {
      for (let [ended] = open; ended && now() - ended.at >= REPORTED_MS; [ended] = open) {
        const total = await served.read(ended.place)
        if (open[0] !== ended) return // another process judges now
        count(ended, total)
        open = open.slice(1)
      }
    }),
    forget: () => void (open = []),
  }
}

/** Goes on with the stored points. */
export interface TakeUp {
  readonly isDone: boolean
  /** Takes them up, if that was not done yet. Rejects if the store fails. */
  once(): Promise<void>
  /** Lets them be taken up once more: another process has changed them. */
  again(): void
}

/** Creates what goes on with the stored points. */
export function createTakeUp({
  served,
  log,
  stored,
  ends,
  place,
  begunAt,
  openedAt,
}: {
  readonly served: ServedSoFar
  readonly log: SpanLog
  readonly stored: StoredPoints | undefined
  readonly ends: Ends
  readonly place: () => Place
  readonly begunAt: number
  /** Returns when the present stay began. */
  readonly openedAt: () => number
}): TakeUp {
  let isDone = false
  return {
    get isDone() {
      return isDone
    },
    once: oneAtATime(async () => {
      if (isDone) return
      log.adopt((await stored?.load()) ?? [])
      isDone = true
      if (!served.areShared) return
      const last = log.spans.at(-1)
      log.begin(ends.areOpen ? (last?.to ?? begunAt) : openedAt() || begunAt)
      if (served.isOfAll && last && !isSameStay(last, place()) && !ends.areOpen) ends.note(last, openedAt())
    }),
    again() {
      isDone = false
      ends.forget()
    },
  }
}
