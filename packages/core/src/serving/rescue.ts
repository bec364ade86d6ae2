import { CanaryError } from '../foundation/errors.js'
import type { Outcome, Variant } from '../foundation/vocabulary.js'
import type { Clock } from '../runtime/clock.js'
import type { Ask } from '../runtime/guarded.js'
import { adopt, isThenable } from '../runtime/thenable.js'
import type { Describe } from './describe-call.js'
import type { FallbackBudget } from './fallback.js'
import { inTime, type Limit } from './in-time.js'
import type { LoopWatch } from './loop-watch.js'
import { type ServedCall, tooLate, tooSilent } from './served-call.js'
import { outcomeOfError } from './status-outcome.js'
import { isStream, releaseOutput, watchFor } from './streams/output.js'
import type { Rescue } from './streams/rescued-pull.js'
import { rescuedStream } from './streams/rescued-stream.js'
import type { StreamObserver } from './streams/stream-observer.js'
import type { Step } from './streams/stream-source.js'

/** The parts that the fallback needs. */
export interface RescueParts {
  readonly clock: Clock
  readonly loop: LoopWatch
  readonly budget: FallbackBudget
  readonly baselineVersion: string
  readonly ask: Ask
  readonly describe: Describe
  readonly report: (error: CanaryError) => void
  /** Called with the errors of the models. */
  readonly noteError: (variant: Variant, error: unknown) => void
}

/** Creates the fallback: the baseline answers in place of the canary, and its answer is not recorded. */
export function createRescue(parts: RescueParts) {
  const { clock, loop, budget, baselineVersion, ask, describe, report, noteError } = parts

  const mayAnswer = ({ flight, spare, isMisdescribed }: ServedCall, outcome: Outcome, isLeft: boolean): boolean => {
    const isBroken = outcome === 'error' || outcome === 'timeout'
    if (spare === undefined || !isBroken || isLeft || isMisdescribed) return false
    const obstacle = spare.obstacle()
    if (obstacle !== undefined) report(new CanaryError('FALLBACK_IMPOSSIBLE', obstacle.detail, obstacle))
    if (obstacle !== undefined || !budget.take(clock.elapsed())) return false
    flight.answerFrom(baselineVersion)
    return true
  }

  /** Returns the baseline's output or a promise of it; the caller gets its error. */
  const baselineOf = (call: ServedCall): unknown => {
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
    return inTime(adopt(output), limit, { arrived: same, failed: raise, expired, late: releaseOutput })
  }

  /** Waits for a stream's first step. */
  const limited =
    (call: ServedCall): Rescue['limited'] =>
    async (first, expired) => {
      const { firstChunkTimeoutMs: limitMs } = call.options
      if (limitMs === undefined) return first
      const onExpiry = () => {
        const error = tooSilent(call)
        expired(error)
        raise(error)
      }
      const limit: Limit = { clock, loop, startedAt: clock.elapsed(), blockedMs: 0, limitMs }
      return (await inTime(first, limit, { arrived: same, failed: raise, expired: onExpiry, late: () => {} })) as Step
    }

  /** Applies the time limits of streams to the baseline's output, and notifies its model when the reader leaves. */
  const followed = (call: ServedCall, output: unknown): unknown => {
    const { models, options } = call
    const stopped = models.stopped ?? (() => {})
    const observer: StreamObserver = { ...INDIFFERENT, failed: stopped, abandoned: () => stopped(undefined) }
    const watched = (models.stopped ? ask(() => watchFor(output)?.(observer)) : undefined) ?? output
    if (options.firstChunkTimeoutMs === undefined || !isStream(watched)) return watched
    const end: Rescue = { limited: limited(call), expired: stopped, otherwise: raise, impossible() {}, left() {} }
    return ask(() => rescuedStream(watched as object, end)) ?? watched
  }

  /** Returns what to do if the call's stream fails or stays silent before its first chunk. */
  const rescueOf = (call: ServedCall): Rescue => {
    const { flight, models } = call
    let silence: { readonly isLeft: boolean } | undefined
    return {
      limited: limited(call),
      expired(error) {
        silence = { isLeft: flight.isAborted }
        noteError(flight.variant, error)
        flight.expire(error)
      },
      otherwise(error) {
        const { isLeft } = silence ?? { isLeft: flight.isAborted }
        const failedAs = () => call.failedAs ?? describe.outcomeOf(call, { error }, outcomeOfError(error))
        const outcome = silence ? 'timeout' : failedAs()
        return mayAnswer(call, outcome, isLeft) ? baselineOf(call) : raise(error)
      },
      impossible(why) {
        report(new CanaryError('FALLBACK_IMPOSSIBLE', why))
      },
      left: (reason) => models.stopped?.(reason),
    }
  }

  return {
    /** Returns the baseline's answer in place of the canary if it may answer, and the result of `otherwise` if not. */
    rescued(call: ServedCall, outcome: Outcome, isLeft: boolean, otherwise: () => unknown): unknown {
      if (!mayAnswer(call, outcome, isLeft)) return otherwise()
      const output = baselineOf(call)
      if (!isThenable(output)) return followed(call, output)
      return adopt(output).then((value) => followed(call, value))
    },

    /** Returns the watched output, or a stream before it that can switch to the baseline before the first chunk. */
    guarded(call: ServedCall, watched: unknown): unknown {
      const { options, spare } = call
      if ((spare === undefined && options.firstChunkTimeoutMs === undefined) || !isStream(watched)) return watched
      return ask(() => rescuedStream(watched as object, rescueOf(call))) ?? watched
    },
  }
}

const INDIFFERENT: StreamObserver = {
  parked() {},
  mayStayUnread() {},
  chunk() {},
  ended() {},
  failed() {},
  abandoned() {},
  unseen() {},
}

const same = (output: unknown): unknown => output

const raise = (error: unknown): never => {
  throw error
}
