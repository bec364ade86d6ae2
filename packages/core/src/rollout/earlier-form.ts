import type { Decision } from './decision.js'
import type { RolloutState, RolloutStateName } from './state.js'
import type { StoredRollout } from './store.js'

/** The form of an earlier release, in which the name of a state was called `status`. */
interface Earlier {
  readonly status?: RolloutStateName
  readonly state?: RolloutStateName
}

/** Returns a stored rollout in the present form, also if an earlier release stored it. */
export function inTodaysForm(stored: StoredRollout): StoredRollout {
  const { state, history } = stored
  if ((state as Earlier).status === undefined) return stored
  return {
    ...stored,
    state: named(state as Earlier) as RolloutState,
    history: (history ?? []).map((decision) => ({
      ...decision,
      now: named(decision.now as Earlier) as Decision['now'],
    })),
  }
}

function named({ status, ...others }: Earlier): Earlier {
  return status === undefined ? others : { ...others, state: status }
}
