import type { RolloutEvent } from './event.js'
import { isLive, type RolloutState } from './state.js'

/**
 * What a change that is already true here comes to, where the store holds what somebody else has written in between.
 *
 * `undefined` lets theirs stand: a newer epoch, an end of this one that no operator takes back, a demotion that has been made. `'ours'` goes over it: an older
 * epoch. Otherwise an event that makes the same change to it.
 */
export function retell(
  event: RolloutEvent,
  ours: RolloutState,
  theirs: RolloutState,
): RolloutEvent | 'ours' | undefined {
  if (event.type === 'disable') return event // a switch, and no part of an epoch
  if (theirs.epoch < ours.epoch) return 'ours'
  if (theirs.epoch > ours.epoch) return undefined
  if (event.type === 'rollback' && event.isByOperator === true && theirs.state === 'promoted') return event
  if (!isLive(theirs)) return undefined
  if (ours.state === 'rolled-back') return { type: 'rollback', ...(ours.reason !== null && { reason: ours.reason }) }
  if (event.type !== 'analyzed' || theirs.demoted) return undefined // twice demoted would be rolled back
  return { ...event, verdict: { ...event.verdict, step: theirs.step } }
}

/** Which decision was given up for what the store held. */
export function describeOverruled(ours: RolloutState, theirs: RolloutState): string {
  const what = `${ours.state} at ${ours.enabled ? ours.weight : 0} %`
  const instead = `${theirs.state} at ${theirs.weight} %`
  return `epoch ${ours.epoch} was ${what} here, and the store holds epoch ${theirs.epoch}, ${instead}: that counts`
}
