import { adopt, isThenable } from '../routing/thenable.js'
import type { Clock } from '../runtime/clock.js'
import type { Ask } from '../runtime/guarded.js'
import type { createFirstChunkLimit } from './first-chunk-limit.js'
import { inTime, type Limit } from './in-time.js'
import type { LoopWatch } from './loop-watch.js'
import { raise } from './raise.js'
import { type ServedCall, tooLate } from './served-call.js'
import { isReplaceable, releaseOutput, watchFor } from './streams/output.js'
import type { Rescue } from './streams/rescued-pull.js'
import { rescuedStream } from './streams/rescued-stream.js'
import type { StreamObserver } from './streams/stream-observer.js'

/** Gets the baseline's answer to a call of the canary. Nothing is recorded. */
export interface BaselineAnswer {
  /** Calls the baseline. Returns its output or a promise of it, within the time limit; the caller gets its error. */
  outputOf(call: ServedCall): unknown
  /** Applies the time limits of streams to its output, and notifies its model when the reader leaves. */
  followed(call: ServedCall, output: unknown): unknown
}

/** The parts that the baseline's answer needs. */
export interface BaselineAnswerParts {
  readonly clock: Clock
  readonly loop: LoopWatch
  readonly ask: Ask
  readonly limited: ReturnType<typeof createFirstChunkLimit>
}

/** Creates the functions. */
export function createBaselineAnswer({ clock, loop, ask, limited }: BaselineAnswerParts): BaselineAnswer {
  return {
    outputOf(call) {
      const { models, options, input } = call
      const startedAt = clock.elapsed()
      const output = models.baseline.apply(call.self, input)
      if (options.timeoutMs === undefined || !isThenable(output)) return output
      const blockedMs = clock.elapsed() - startedAt
      const limit: Limit = { clock, loop, startedAt, blockedMs, limitMs: options.timeoutMs }
      const expired = () => {
        const error = tooLate(call)
        models.stopped?.(error)
        return raise(error)
      }
      return inTime(adopt(output), limit, { arrived: (value) => value, failed: raise, expired, late: releaseOutput })
    },
    followed(call, output) {
      const { models, options } = call
      const stopped = models.stopped ?? (() => {})
      const observer: StreamObserver = { ...INDIFFERENT, failed: stopped, abandoned: () => stopped(undefined) }
      const watched = (models.stopped ? ask(() => watchFor(output)?.(observer)) : undefined) ?? output
      if (options.firstChunkTimeoutMs === undefined || !isReplaceable(watched)) return watched
      const end: Rescue = { limited: limited(call), expired: stopped, otherwise: raise, impossible() {}, left() {} }
      return ask(() => rescuedStream(watched as object, end)) ?? watched
    },
  }
}

const INDIFFERENT: StreamObserver = {
  parked() {},
  mayStayUnread() {},
  chunk() {},
  mayHaveOutput() {},
  ended() {},
  failed() {},
  abandoned() {},
  unseen() {},
}
