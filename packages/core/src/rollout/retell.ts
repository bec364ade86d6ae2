import type { RolloutEvent } from './event.js'
import { isLive, type RolloutState } from './state.js'

/**
 * Returns how to store a change that is already in effect here if another process has written in the meantime.
 *
 * `undefined` keeps their rollout: it has a newer epoch, an end, or the same demotion. A rollback also replaces a promotion.
 * `'ours'` replaces it: it has an older epoch. Otherwise returns an event that makes the same change to their rollout.
 */
export function retell(
  event: RolloutEvent,
  ours: RolloutState,
  theirs: RolloutState,
): RolloutEvent | 'ours' | undefined {
  if (event.type === 'disable') return event // the kill switch does not depend on the epoch
  if (theirs.epoch < ours.epoch) return 'ours'
  if (theirs.epoch > ours.epoch) return undefined
  if (ours.state === 'rolled-back' && (isLive(theirs) || theirs.state === 'promoted')) {
    const isOverEnd = theirs.state === 'promoted' && { isByOperator: true } // otherwise an end is final
    return { type: 'rollback', ...isOverEnd, ...(ours.reason !== null && { reason: ours.reason }) }
  }
  if (!isLive(theirs)) return undefined
  if (event.type !== 'analyzed' || theirs.demoted) return undefined // a second demotion would be a rollback
  return { ...event, verdict: { ...event.verdict, step: theirs.step } }
}

/** Returns the sentence about a decision that was dropped in favour of the stored rollout. */
export function describeOverruled(ours: RolloutState, theirs: RolloutState): string {
  const what = `${ours.state} at ${ours.enabled ? ours.weight : 0} %`
  const instead = `${theirs.state} at ${theirs.weight} %`
  return `epoch ${ours.epoch} was ${what} here, and the store holds epoch ${theirs.epoch}, ${instead}: that counts`
}
