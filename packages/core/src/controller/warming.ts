import { isCanaryError } from '../foundation/errors.js'
import type { Events } from '../runtime/events.js'
import type { Dispatcher } from './dispatcher.js'

/** What warming this process's canary needs. */
export interface WarmingOptions {
  /** Rejects with `WARM_UP_FAILED` where the canary does not stand it. */
  readonly warmUp: (() => Promise<void>) | undefined
  readonly dispatcher: Dispatcher
  readonly events: Events
  readonly onStoreFailure: (error: unknown) => void
}

/** Makes the function that warms this process's canary and tells the rollout how it went. */
export function createWarming({ warmUp, dispatcher, events, onStoreFailure }: WarmingOptions): () => Promise<void> {
  return async function warm() {
    try {
      await warmUp?.()
      await dispatcher.dispatch(() => ({ event: { type: 'warmed' }, ground: { actor: 'warm-up' } }))
    } catch (cause) {
      if (!isCanaryError(cause, 'WARM_UP_FAILED')) return onStoreFailure(cause)
      events.alert('warm-up', cause.message)
      await dispatcher.force({ type: 'rollback', reason: cause.message }, { actor: 'warm-up' })
    }
  }
}
