import { isCanaryError } from '../foundation/errors.js'
import type { Events } from '../runtime/events.js'
import type { Dispatcher } from './dispatcher.js'
import type { WarmUpVoting } from './warm-up-voting.js'

/** The options of {@link createWarming}. */
export interface WarmingOptions {
  /** Warms the canary; rejects with `WARM_UP_FAILED` if that fails. */
  readonly warmUp: (() => Promise<void>) | undefined
  readonly dispatcher: Dispatcher
  /** Decides over the warm-ups of several processes; left out if this process decides alone. */
  readonly voting: WarmUpVoting | undefined
  /** Returns whether this process may move the rollout on. */
  readonly mayJudge: () => boolean
  readonly events: Events
  readonly onStoreFailure: (error: unknown) => void
}

/**
 * Creates the function that warms this process's canary and applies the result to the rollout. Of several processes, one
 * that fails serves no canary, and tries again in the next epoch.
 */
export function createWarming(options: WarmingOptions): () => Promise<void> {
  const { warmUp, dispatcher, voting, mayJudge, events, onStoreFailure } = options
  let failedIn: number | undefined // the epoch

  const warmed = async (): Promise<void> => {
    if (voting) return voting.told()
    await dispatcher.dispatch(() =>
      mayJudge() ? { event: { type: 'warmed' }, ground: { actor: 'warm-up' } } : undefined,
    )
  }
  const failed = async (reason: string): Promise<void> => {
    events.alert('warm-up', reason)
    if (!voting) return dispatcher.force({ type: 'rollback', reason }, { actor: 'warm-up' })
    failedIn = dispatcher.current.state.epoch
    await voting.told()
  }

  return async function warm() {
    if (failedIn === dispatcher.current.state.epoch) return
    try {
      await warmUp?.()
      await warmed()
    } catch (cause) {
      if (!isCanaryError(cause, 'WARM_UP_FAILED')) return onStoreFailure(cause)
      await failed(cause.message)
    }
  }
}
