import type { Member } from '../rollout/fleet.js'

/** What follows from the warm-ups of all processes. */
export type WarmUpVote = 'wait' | 'go' | 'roll-back'

/**
 * Decides over the warm-up of a canary by what the processes of a rollout say of it. A process whose warm-up failed
 * serves no share of the canary, and one such process does not end the rollout: its machine may be the cause.
 *
 * - `roll-back` if at least two processes failed, and they are at least half of those that have tried; also if the only
 *   process failed, unless a process has been warm before.
 * - otherwise `go` if a process is warm.
 * - otherwise `wait`.
 *
 * @param members the processes that reported lately, in any order
 * @param hasBeenWarm whether a process was warm in this epoch, also one that has ended
 */
export function voteOnWarmUp(members: readonly Pick<Member, 'isWarm'>[], hasBeenWarm = false): WarmUpVote {
  const warm = members.filter(({ isWarm }) => isWarm === true).length
  const failed = members.filter(({ isWarm }) => isWarm === false).length
  if (failed >= 2 && failed >= warm) return 'roll-back'
  if (warm > 0) return 'go'
  return failed === 1 && members.length === 1 && !hasBeenWarm ? 'roll-back' : 'wait'
}
