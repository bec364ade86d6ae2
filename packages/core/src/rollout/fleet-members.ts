import type { Member } from './fleet.js'

/** The processes that share a rollout, by the latest answer of the store. Each question asks for one in the background. */
export interface FleetMembers {
  /** How many processes have reported within the last minute and were not closed, this one included. */
  readonly count: number
  /** How many of them apply the latest change of the rollout. */
  readonly upToDate: number
  /** How many of them have a warm canary. The others serve the baseline. */
  readonly warm: number
  /** The id of the process that judges, or `'this process'`; `null` if it is not known. */
  readonly leader: string | null
}

/** How many of the processes that share a rollout apply its latest change. */
export interface Reached {
  /** How many processes are known to apply it. This one always does. */
  readonly reached: number
  /** How many processes there are, as in {@link FleetMembers.count}; `null` if it is not known. */
  readonly of: number | null
}

/**
 * Counts the members of a rollout.
 *
 * @param tag identifies the latest change of the rollout
 */
export function countMembers(members: readonly Member[], tag: string, leader: string | null): FleetMembers {
  return {
    count: members.length,
    upToDate: members.filter((member) => member.tag === tag).length,
    warm: members.filter(({ isWarm }) => isWarm === true).length,
    leader,
  }
}

/** Returns a sentence about the members; an empty text if the rollout is not shared. */
export function describeMembers(members: FleetMembers | null): string {
  if (members === null) return ''
  const { count, upToDate, warm, leader } = members
  const leads = leader === null ? 'which one leads is not known here' : `${leader} leads`
  const replicas = count === 1 ? '1 replica runs this rollout' : `${count} replicas share this rollout`
  return `${replicas}: warm in ${warm}, the latest change applied in ${upToDate}, ${leads}.`
}
