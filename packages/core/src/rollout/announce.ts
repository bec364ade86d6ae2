import type { Events } from '../events.js'
import type { StoredRollout } from './store.js'

/** Tells of a new weight and of an end, whoever on whichever replica decided it. */
export function announce(events: Events, { state: before }: StoredRollout, { state }: StoredRollout): void {
  const { epoch, weight, reason } = state
  if (weight !== before.weight || epoch !== before.epoch) {
    events.emit('step', { epoch, from: before.step, to: state.step, weight })
  }
  if (state.status === before.status) return
  if (state.status === 'promoted') events.emit('promoted', { epoch, reason: reason ?? '' })
  if (state.status === 'rolled-back') events.emit('rolled-back', { epoch, reason: reason ?? '' })
}
