import { isCanaryError } from '../foundation/errors.js'
import type { Events } from '../runtime/events.js'
import type { Dispatcher } from './dispatcher.js'

/** The options of {@link createWarming}. */
export interface WarmingOptions {
  /** Warms the canary; rejects with `WARM_UP_FAILED` if that fails. */
  readonly warmUp: (() => Promise<void>) | undefined
  readonly dispatcher: Dispatcher
  /** Returns whether this process may move the rollout on. */
  readonly mayJudge: () => boolean
  readonly events: Events
  readonly onStoreFailure: (error: unknown) => void
}

/** Creates the function that warms this process's canary and applies the result to the rollout. */
export function createWarming({
  warmUp,
  dispatcher,
  mayJudge,
  events,
  onStoreFailure,
}: WarmingOptions): () => Promise<void> {
  return async function warm() {
    try {
      await warmUp?.()
      await dispatcher.dispatch(() =>
        mayJudge() ? { event: { type: 'warmed' }, ground: { actor: 'warm-up' } } : undefined,
      )
    } catch (cause) {
      if (!isCanaryError(cause, 'WARM_UP_FAILED')) return onStoreFailure(cause)
      events.alert('warm-up', cause.message)
      await dispatcher.force({ type: 'rollback', reason: cause.message }, { actor: 'warm-up' })
    }
  }
}
