import { CanaryError } from '../foundation/errors.js'
import type { Outcome } from '../foundation/vocabulary.js'
import { adopt, isThenable } from '../routing/thenable.js'
import type { Ask } from '../runtime/guarded.js'
import { createBaselineAnswer } from './baseline-answer.js'
import type { Describe } from './describe-call.js'
import { createFirstChunkLimit } from './first-chunk-limit.js'
import { raise } from './raise.js'
import type { ServeParts } from './serve-parts.js'
import type { ServedCall } from './served-call.js'
import { outcomeOfError } from './status-outcome.js'
import { isReplaceable } from './streams/output.js'
import type { Rescue } from './streams/rescued-pull.js'
import { rescuedStream } from './streams/rescued-stream.js'
import { createUnreplacedReport } from './unreplaced-report.js'

/** The parts that the fallback needs. */
export interface RescueParts extends Omit<ServeParts, 'alert'> {
  readonly ask: Ask
  readonly describe: Describe
}

/** Creates the fallback: the baseline answers in place of the canary, and its answer is not recorded. */
export function createRescue(parts: RescueParts) {
  const { ask, describe, report, noteError } = parts
  const mayAnswer = createPermission(parts)
  const limited = createFirstChunkLimit(parts)
  const baseline = createBaselineAnswer({ ...parts, limited })
  const tellUnreplaced = createUnreplacedReport(report)

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
        return mayAnswer(call, outcome, isLeft) ? baseline.outputOf(call) : raise(error)
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
      const output = baseline.outputOf(call)
      if (!isThenable(output)) return baseline.followed(call, output)
      return adopt(output).then((value) => baseline.followed(call, value))
    },

    /** Returns the watched output, or a stream before it that can switch to the baseline before the first chunk. */
    guarded(call: ServedCall, watched: unknown): unknown {
      const { options, spare } = call
      if (spare === undefined && options.firstChunkTimeoutMs === undefined) return watched
      if (isReplaceable(watched)) return ask(() => rescuedStream(watched as object, rescueOf(call))) ?? watched
      tellUnreplaced(call.flight.version)
      return watched
    },
  }
}

/** Returns the function that decides whether the baseline may answer a call, and counts it against the budget. */
function createPermission({ clock, budget, baselineVersion, report }: RescueParts) {
  return ({ flight, spare, isMisdescribed }: ServedCall, outcome: Outcome, isLeft: boolean): boolean => {
    const isBroken = outcome === 'error' || outcome === 'timeout'
    if (spare === undefined || !isBroken || isLeft || isMisdescribed) return false
    const obstacle = spare.obstacle()
    if (obstacle !== undefined) report(new CanaryError('FALLBACK_IMPOSSIBLE', obstacle.detail, obstacle))
    if (obstacle !== undefined || !budget.take(clock.elapsed())) return false
    flight.answerFrom(baselineVersion)
    return true
  }
}
