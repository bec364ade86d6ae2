import { CanaryError } from '../foundation/errors.js'
import { isLive } from '../rollout/state.js'
import { withDeadline } from '../runtime/deadline.js'
import type { Beginning } from './beginning.js'
import type { ResolvedRollout } from './controller-options.js'
import type { Dispatcher } from './dispatcher.js'
import { longestGateMs } from './gatekeeper.js'
import type { Looked } from './look.js'
import { storeError } from './store-watch.js'

/** The options of {@link createEvaluation}. */
export interface EvaluationOptions {
  readonly rollout: ResolvedRollout
  readonly dispatcher: Dispatcher
  readonly beginning: Beginning
  readonly round: () => Promise<Looked | undefined>
  /** Resolves when it is known whether this process judges the rollout. */
  readonly join: () => Promise<void>
  /** Whether the target has applied the decided weight. */
  readonly isInForce: () => boolean
  /** Resolves when no task is pending, or after this many milliseconds. */
  readonly settled: (limitMs: number) => Promise<void>
  /** Resolves once the target has applied the decided weight; rejects `TARGET_FAILED`. */
  readonly settle: () => Promise<void>
}

/** How long to wait for the store before judging the rollout that this process already knows, in milliseconds. */
const KNOWN_MS = 1_000

/** Creates the function that makes one round: load, read, decide, persist, apply. */
export function createEvaluation(options: EvaluationOptions): () => Promise<void> {
  const { rollout, dispatcher, beginning, round, join, isInForce, settled, settle } = options
  const { course, clock, ioTimeoutMs, settleTimeoutMs } = rollout

  /** Resumes the stored rollout. If that fails and a live rollout is known here, resolves to the error instead. */
  const takeUp = async (): Promise<unknown> => {
    const isKnown = isLive(dispatcher.current.state)
    const load = () => dispatcher.load(true)
    try {
      await (isKnown ? withDeadline(clock, Math.min(KNOWN_MS, ioTimeoutMs), load) : load())
      return undefined
    } catch (cause) {
      if (!isKnown) throw cause
      return cause
    }
  }

  return async function evaluate() {
    try {
      let failure = await takeUp()
      if (failure === undefined) {
        await join()
        await settled(ioTimeoutMs) // a look counts only under the decided weight
        // a target may refuse the weight because another process has just set a later one
        if (!isInForce()) failure = await takeUp()
      }
      if (dispatcher.current.state.state === 'idle') await beginning.startIfIdle('evaluate')
      else await (await round())?.written
      if (failure !== undefined) throw failure
    } catch (cause) {
      throw storeError(cause)
    }
    await settled(Math.max(ioTimeoutMs, longestGateMs(course)))
    await settle()
    if (!dispatcher.isAhead) return
    await settled(settleTimeoutMs) // the process that makes the next round must read it
    if (dispatcher.isAhead) throw new CanaryError('STORE_FAILED', 'less canary is in force than the store knows of')
    await settle() // 0 may have been sent again, over a step up by another process
  }
}
