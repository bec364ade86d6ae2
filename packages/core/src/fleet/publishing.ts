import { CanaryError } from '../foundation/errors.js'
import { isRecord } from '../foundation/options.js'
import type { Fleet, PublishAnswer, Report } from '../rollout/fleet.js'
import type { Head } from '../rollout/records.js'
import { isCount } from '../rollout/stored-forms.js'
import type { Clock } from '../runtime/clock.js'
import { withDeadline } from '../runtime/deadline.js'
import { createPacedLoop } from './paced-loop.js'
import { runLast, wrongAnswer } from './store-answers.js'

/** Sends the counts of this process to the store, and brings back what all processes have to obey. */
export interface Publishing {
  /** Publishes now, and then again and again. */
  start(): void
  /**
   * Publishes what is true now: immediately, or right after the pending publish. Resolves when the store has answered
   * or the attempt has failed. Has no effect before `start()` and after `stop()`.
   */
  now(): Promise<void>
  /** Publishes a last time. Resolves when that is done, or after `timeoutMs`. */
  stop(): Promise<void>
}

/** The last report of a stay that has ended. */
export type EndedReport = Omit<Report, 'id' | 'seq'>

/** The options of {@link createPublishing}. No callback may throw, except `report` and `knownTag`. */
export interface PublishingOptions {
  readonly fleet: Pick<Fleet, 'publish'>
  /** The id of this process. */
  readonly id: string
  readonly clock: Clock
  /** The limit of one call of the store, in milliseconds. */
  readonly timeoutMs: number
  /** Returns the time between the beginnings of two publishes, in milliseconds. Read after each of them. */
  readonly everyMs: () => number
  /** Returns what this process has counted so far. Read when it is sent. */
  readonly report: () => Omit<Report, 'id' | 'seq'>
  /**
   * Returns the last report of a stay that has ended, until `onEndedStored` was called with it; `undefined` without any.
   * It is sent right after the report of the present stay.
   */
  readonly ended?: () => EndedReport | undefined
  /** Returns the tag of the head that this process obeys; `null` before the first. Read when a report is sent. */
  readonly knownTag: () => string | null
  /**
   * Called with the stored head if it is not the known one; with `null` if no head is stored. Only the members that
   * every release reads were checked.
   */
  readonly onHead: (head: Head | null) => void
  /** Called with the number of processes that have reported in this epoch so far. */
  readonly onLives: (lives: number) => void
  /** Called with the error of each publish that failed. */
  readonly onFailure: (cause: unknown) => void
  /** Called with each answer of the store, before the other callbacks. */
  readonly onAnswer: () => void
  /** Called with each report of the present stay that the store has; the stay may have ended while it was sent. */
  readonly onStored: (report: Report) => void
  /** Called with each report of `ended` that the store has. */
  readonly onEndedStored?: (report: EndedReport) => void
  /** Called once when `afterFailures` publishes in a row have failed, and again only after an answer in between. */
  readonly onSilent: () => void
  /** 3 unless given. */
  readonly afterFailures?: number
}

/**
 * Creates a publishing that has not begun. One publish is pending at a time, and none is queued: each carries all
 * counts from the beginning of the stay, so the next one makes up for a lost one. The sequence rises with each attempt.
 */
export function createPublishing(options: PublishingOptions): Publishing {
  const { id, clock, timeoutMs, report, onFailure, onSilent, afterFailures = 3 } = options
  let seq = 0
  let failures = 0
  let isStarted = false
  let stopped: Promise<void> | undefined

  const send = async (make: typeof report, onStored: (sent: Report) => void, parent?: AbortSignal): Promise<void> => {
    seq += 1
    const [sent, tag] = [{ ...make(), id, seq }, options.knownTag()]
    const call = (signal: AbortSignal) => options.fleet.publish(sent, tag, signal)
    const { head, lives } = readAnswer(await withDeadline(clock, timeoutMs, call, parent))
    failures = 0
    options.onAnswer()
    onStored(sent)
    options.onLives(lives)
    if (head !== undefined) options.onHead(head)
  }
  const publish = async (parent?: AbortSignal): Promise<void> => {
    await send(report, options.onStored, parent)
    for (let last = options.ended?.(); last; last = options.ended?.()) {
      const ended = last
      const onStored = () => options.onEndedStored?.(ended)
      await send(() => ended, onStored, parent)
    }
  }
  const failed = (cause: unknown): void => {
    failures += 1
    onFailure(cause)
    if (failures === afterFailures) onSilent()
  }
  const loop = createPacedLoop(clock, async () => {
    const sentMs = clock.elapsed()
    try {
      await publish()
    } catch (cause) {
      failed(cause)
      return options.everyMs() // from its end, so that a hung store is not called without a pause
    }
    return sentMs + options.everyMs() - clock.elapsed()
  })
  const leave = async (signal: AbortSignal): Promise<void> => {
    await loop.stop()
    await publish(signal)
  }

  return {
    start() {
      if (isStarted || stopped) return
      isStarted = true
      void loop.soon()
    },
    now: async () => (isStarted ? loop.soon() : undefined),
    stop() {
      stopped ??= isStarted ? runLast(clock, timeoutMs, leave, failed) : Promise.resolve()
      return stopped
    },
  }
}

/** Reads the answer of a store; throws `STORE_FAILED` if it has the wrong form. */
function readAnswer(answer: unknown): PublishAnswer {
  if (!isRecord(answer) || !isCount(answer.lives)) throw wrongAnswer('publish', answer, 'with { lives, head? }')
  const { lives, head } = answer
  if (head === undefined) return { lives }
  if (head !== null && !isHead(head)) {
    throw new CanaryError('INVALID_STATE', 'publish() answered with a head that this release cannot read')
  }
  return { lives, head }
}

/** Returns whether a value has the members of a head by which a process obeys. */
function isHead(value: unknown): value is Head {
  if (!isRecord(value) || !isRecord(value.route) || !isRecord(value.switch)) return false
  const { tag, wire, rev, status, route } = value
  const isShare = typeof route.weight === 'number' && route.weight >= 0 && route.weight <= 100
  const isKnown = typeof tag === 'string' && tag !== '' && wire === 1 && isCount(rev) && typeof status === 'string'
  const isPlace = isCount(route.epoch) && isCount(route.visit) && isCount(route.step)
  const { on, n } = value.switch
  return isKnown && isPlace && isShare && typeof route.active === 'boolean' && typeof on === 'boolean' && isCount(n)
}
