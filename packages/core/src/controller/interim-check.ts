import { CanaryError } from '../foundation/errors.js'
import { messageOf } from '../foundation/message-of.js'
import type { Judge } from '../judging/judge.js'
import { type Bench, contextOf, takeIn } from '../rollout/analyze.js'
import type { Reading } from '../rollout/counts.js'
import type { MetricsSource } from '../rollout/ports.js'
import { isLive } from '../rollout/state.js'
import type { StoredRollout } from '../rollout/stored-rollout.js'
import { measureAhead } from '../rollout/stored-size.js'
import type { BringerOptions } from './bring-reading.js'
import type { ResolvedRollout } from './controller-options.js'
import { type OwnProgress, withNext } from './own-progress.js'
import { peekAt } from './peek.js'

/** The options of {@link createInterimCheck}. */
export interface InterimCheckOptions extends Pick<BringerOptions, 'dispatcher'> {
  readonly rollout: ResolvedRollout
  readonly source: MetricsSource
  readonly report: (error: CanaryError) => void
  readonly bench: Bench
  readonly own: OwnProgress
  /** Whether the result of a look is being written. */
  readonly isWriting: () => boolean
}

/** Passes the available counts to the judge. Returns them if the judge finds urgent harm in them. Never throws. */
export type InterimCheck = (stored: StoredRollout, watch: NonNullable<Judge['watch']>) => Reading | undefined

/** Creates the interim checks of one rollout. */
export function createInterimCheck(options: InterimCheckOptions): InterimCheck {
  const { rollout, source, dispatcher, report, bench, own, isWriting } = options
  const { clock } = rollout

  const check: InterimCheck = (stored, watch) => {
    const reading = peekAt(source, dispatcher.window, report)
    if (reading === undefined || !isLive(stored.state)) return undefined
    const context = contextOf(stored, bench)
    const { progress, blocks: before, sinceMs } = own.interimOf(stored)
    const hasCalled = own.hasCalled(progress)
    const { block, taken } = takeIn(progress, reading, sinceMs, context, bench.judge)
    const { evidence } = taken
    if (!isWriting()) {
      measureAhead(block)
      own.takeIn({
        ...taken,
        epoch: stored.state.epoch,
        step: stored.state.step,
        openedAt: stored.openedAt,
        base: stored.evidence,
        blocks: withNext(before, block),
        at: clock.elapsed(),
        hasCalled,
      })
    }
    return !hasCalled && watch.isUrgent(evidence, context) ? reading : undefined
  }

  return (stored, watch) => {
    try {
      return check(stored, watch)
    } catch (cause) {
      report(new CanaryError('JUDGE_FAILED', messageOf(cause), { cause }))
      return undefined
    }
  }
}
