import { CanaryError } from '../foundation/errors.js'
import { visibleLine } from '../foundation/visible-text.js'
import type { SlowPlanNotice } from '../rollout/slow-plan.js'
import type { CanaryEvents, Events } from '../runtime/events.js'
import type { Couriers } from './couriers.js'
import type { ProcessAlerts } from './process-alerts.js'

/** The notices that a rollout gives when it is started in this process. */
export interface StartNotices {
  /** Adds a listener, as `events.on` does, and remembers if it listens to decisions. */
  readonly on: Events['on']
  /** Returns a function that does the same, and remembers that a courier has joined. */
  delivering(join: Couriers['join']): Couriers['join']
  /**
   * Gives the notices on the first call; further calls have no effect. Never throws.
   *
   * @param slow what is told about the plan of a rollout that is live now; `undefined` if it is not slow
   */
  tell(slow?: SlowPlanNotice): void
}

/** The options of {@link createStartNotices}. */
export interface StartNoticesOptions {
  readonly name: string
  readonly events: Pick<Events, 'on' | 'alert'>
  readonly alerts: Pick<ProcessAlerts, 'note'>
  /** True if a logger was passed, or refused with `logger: false`. */
  readonly isLogged: boolean
  /** The sign that other processes run the same rollout without knowing of each other; `undefined` if there is none. */
  readonly aloneBecause?: string | undefined
  /** True if the rollout is only in the memory of a process in production, and nobody said that this is intended. */
  readonly isForgotten?: boolean
}

/** The events that show how a rollout moves. */
const MOVES: ReadonlySet<keyof CanaryEvents> = new Set(['decision', 'step', 'promoted', 'rolled-back'])

const HOW_TO_LISTEN =
  "decisions are not logged: pass logger: console, or listen with .on('decision', …); logger: false hides this line"

/** Creates the notices of one rollout. */
export function createStartNotices(options: StartNoticesOptions): StartNotices {
  const { name, events, alerts } = options
  let isHeard = options.isLogged
  let isTold = false

  return {
    on(event, listener) {
      isHeard ||= MOVES.has(event)
      return events.on(event, listener)
    },
    delivering: (join) => (courier) => {
      isHeard ||= courier.types.some((type) => MOVES.has(type))
      return join(courier)
    },
    tell(slow) {
      if (isTold) return
      isTold = true
      const inMemory = inMemoryError(options)
      if (inMemory !== undefined) alerts.note('store', inMemory.message, inMemory.code)
      if (slow !== undefined) events.alert('plan', slow.message, { plan: slow.plan })
      const told = [
        HOW_TO_LISTEN,
        ...(inMemory === undefined ? [] : [inMemory.message]),
        ...(slow === undefined ? [] : [slow.message]),
      ]
      if (!isHeard) printOnce(`[canary ${name}] ${told.join('. ')}`)
    },
  }
}

/** Returns what is told about a rollout in memory; `undefined` for nothing. Several processes matter more. */
function inMemoryError({ aloneBecause, isForgotten }: StartNoticesOptions): CanaryError | undefined {
  if (aloneBecause !== undefined) {
    const cause = `this process is probably one of several (${aloneBecause}) and keeps its rollout in its own memory`
    const effect = 'each of them counts, judges and rolls back by itself'
    const advice = 'pass a store that they share, or store: memoryStore() if that is intended'
    return new CanaryError('PROCESS_ALONE', `${cause}: ${effect}; ${advice}`)
  }
  if (isForgotten !== true) return undefined
  const effect = 'a restart forgets it, and begins again, also with a version that was rolled back'
  const advice = 'pass a store such as folderStore(path), or store: memoryStore() if that is intended'
  return new CanaryError('STORE_FORGETS', `the rollout is only in the memory of this process: ${effect}; ${advice}`)
}

let isPrinted = false

/** Prints a line once in this process, also if it has several canaries. */
function printOnce(line: string): void {
  if (isPrinted) return
  isPrinted = true
  try {
    console.warn(visibleLine(line)) // to stderr: what a program writes to stdout may be read by another one
  } catch {
    // a failing console must not prevent the start
  }
}
