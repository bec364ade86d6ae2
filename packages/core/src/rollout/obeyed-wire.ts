import { rollBack } from './moves.js'
import { rankOf, withLaterSwitch } from './order.js'
import type { Wire } from './records.js'
import { isLive, type RolloutState } from './state.js'
import type { StoredRollout } from './stored-rollout.js'

const REASON = 'a newer release of model-canary, in another service instance, rolled it back'

/**
 * Returns a rollout after what a head of a newer release takes away from the canary: the kill switch, a rollback, and a
 * lower weight. A higher weight, and everything else, needs the release that wrote it.
 */
export function obeyedWire(rollout: StoredRollout, wire: Wire): StoredRollout {
  const switched = withLaterSwitch(rollout, rankOf(wire))
  return { ...switched, state: stateUnder(switched.state, wire) }
}

function stateUnder(state: RolloutState, { route, status }: Wire): RolloutState {
  if (!isLive(state) || route.epoch < state.epoch) return state
  if (status === 'rolled-back') return rollBack(state, REASON)[0]
  return route.weight < state.weight ? { ...state, weight: route.weight } : state
}
