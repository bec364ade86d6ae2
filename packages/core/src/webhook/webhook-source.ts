import type { Courier } from '../controller/couriers.js'
import type { CanaryError } from '../foundation/errors.js'
import type { Listener } from '../runtime/emitter.js'
import type { CanaryEvents } from '../runtime/events.js'
import type { MessageStatus } from './message.js'

/** What a webhook listens to: a canary, a controller, or any object with the same events. */
export interface WebhookSource {
  /** Calls the listener with every event of a type. */
  on<Name extends keyof CanaryEvents>(name: Name, listener: Listener<CanaryEvents[Name]>): () => void
  /** Returns where the rollout stands now. */
  status(): MessageStatus
  /** Optional. Hands over messages that are stored until they are delivered. */
  deliverTo?(courier: Courier): () => void
  /** Optional. Called with the error of a message that was not delivered. */
  report?(error: CanaryError): void
}
