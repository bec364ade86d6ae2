import type { Events } from '../events.js'
import type { ModelError } from '../vocabulary.js'
import type { StoredRollout } from './store.js'

/**
 * Tells of a new weight and of an end, whoever on whichever replica decided it.
 * `errors` are the canary's latest ones in this process. An end that was stored before this process began is old news: no rollout ends from idle.
 */
export function announce(
  events: Events,
  { state: before }: StoredRollout,
  { state }: StoredRollout,
  errors: readonly ModelError[] = [],
): void {
  const { epoch, weight, reason } = state
  if (weight !== before.weight || epoch !== before.epoch) {
    events.emit('step', { epoch, from: before.step, to: state.step, weight })
  }
  if (state.status === before.status || before.status === 'idle') return
  if (state.status === 'promoted') events.emit('promoted', { epoch, reason: reason ?? '' })
  if (state.status === 'rolled-back') {
    events.emit('rolled-back', { epoch, reason: reason ?? '', ...(errors.length > 0 && { errors }) })
  }
}
