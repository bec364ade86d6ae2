import { CanaryError } from '../foundation/errors.js'
import { isLive } from '../rollout/state.js'
import { withDeadline } from '../runtime/deadline.js'
import type { Beginning } from './beginning.js'
import type { ResolvedRollout } from './controller-options.js'
import type { Dispatcher } from './dispatcher.js'
import { longestGateMs } from './gatekeeper.js'
import type { Looked } from './look.js'
import { storeError } from './store-watch.js'

/** What one round of a cron job needs. */
export interface EvaluationOptions {
  readonly rollout: ResolvedRollout
  readonly dispatcher: Dispatcher
  readonly beginning: Beginning
  readonly round: () => Promise<Looked | undefined>
  /** Resolves when nothing is under way any more, or after so many milliseconds. */
  readonly settled: (limitMs: number) => Promise<void>
  /** Resolves once the target has taken the decided weight; rejects `TARGET_FAILED`. */
  readonly settle: () => Promise<void>
}

/** How long a store may take before what this process knows already is judged without it, in milliseconds. */
const KNOWN_MS = 1_000

/** Makes one round: load, read, decide, persist, apply. */
export function createEvaluation(options: EvaluationOptions): () => Promise<void> {
  const { rollout, dispatcher, beginning, round, settled, settle } = options
  const { course, clock, ioTimeoutMs, settleTimeoutMs } = rollout

  /** Takes up what is stored. Resolves to a failure where there is something known here that can be judged all the same. */
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
      const failure = await takeUp()
      if (failure === undefined) await settled(ioTimeoutMs) // the target first: a look under another weight would not count
      if (dispatcher.current.state.state === 'idle') await beginning.startIfIdle('evaluate')
      else await (await round())?.written
      if (failure !== undefined) throw failure
    } catch (cause) {
      throw storeError(cause)
    }
    await settled(Math.max(ioTimeoutMs, longestGateMs(course)))
    await settle()
    if (!dispatcher.isAhead) return
    await settled(settleTimeoutMs) // whoever makes the next round must read it
    if (dispatcher.isAhead) throw new CanaryError('STORE_FAILED', 'less canary is in force than the store knows of')
    await settle() // another process may have been on the way up, and 0 was sent once more
  }
}
