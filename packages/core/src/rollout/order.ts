import type { Wire } from './records.js'
import { isSameRelease, withLatest } from './releases.js'
import { compareStates, isLive, isTerminal, type RolloutState } from './state.js'
import type { StoredRollout } from './stored-rollout.js'

/** The part of a stored rollout that decides which of two rollouts replaces the other one. */
export interface Ranked {
  readonly revision: number
  readonly state: Pick<RolloutState, 'state' | 'epoch' | 'enabled' | 'switches'>
}

/** Compares the states of two rollouts. Revisions do not count: a store that was emptied or restored numbers anew. */
export const compareEnds = (a: Ranked, b: Ranked): number => compareStates(a.state, b.state)

/** Compares two rollouts: by epoch, then a rollback after everything else, then by revision. */
export const compareRollouts = (a: Ranked, b: Ranked): number => compareEnds(a, b) || a.revision - b.revision

/**
 * Returns whether the kill switch of `a` replaces that of `b`: it was set more often, or as often but in a later write.
 * In the same write, off replaces on.
 */
function hasLaterSwitch({ state: a, revision }: Ranked, { state: b, revision: other }: Ranked): boolean {
  const more = (a.switches ?? 0) - (b.switches ?? 0)
  if (more !== 0) return more > 0
  if (a.enabled === b.enabled) return false
  const later = revision - other
  return later === 0 ? !a.enabled : later > 0
}

/** Returns a rollout with the kill switch of another one, if that one's is later; otherwise the same object. */
export function withLaterSwitch(kept: StoredRollout, other: Ranked): StoredRollout {
  if (!hasLaterSwitch(other, kept)) return kept
  const { enabled, switches } = other.state
  return { ...kept, state: { ...kept.state, enabled, ...(switches !== undefined && { switches }) } }
}

/**
 * Returns the rollout that is valid if a process knows `mine` and the store holds `theirs`: the later one, with the
 * later kill switch. A tie goes to the store. Returns one of the two objects if nothing has to be joined.
 */
export function joined(theirs: StoredRollout, mine: StoredRollout): StoredRollout {
  const isTheirs = isEndOver(theirs, mine) || (!isEndOver(mine, theirs) && compareRollouts(theirs, mine) >= 0)
  const kept = isTheirs ? withLaterSwitch(theirs, mine) : withLaterSwitch(mine, theirs)
  return withReleases(kept, theirs, mine)
}

/** Returns whether `a` knows how the epoch ended in which `b` is live, because a later release has begun. */
const isEndOver = ({ latest, state: a }: StoredRollout, { state: b }: StoredRollout): boolean =>
  latest !== undefined && isTerminal(a) && isLive(b) && a.epoch === b.epoch

/** Returns the part of a head by which it is compared. Every release reads these members. */
export const rankOf = ({ rev, route, status, switch: { on, n } }: Wire): Ranked => ({
  revision: rev,
  state: { state: status, epoch: route.epoch, enabled: on, switches: n },
})

/**
 * Returns whether two rollouts are the same write. A rollout that was changed here and is not stored yet has the tag of
 * the write that it follows.
 */
export function isSameWrite(a: StoredRollout, b: StoredRollout): boolean {
  return (
    a.tag === b.tag &&
    a.state.epoch === b.state.epoch &&
    a.state.state === b.state.state &&
    a.state.step === b.state.step &&
    a.state.enabled === b.state.enabled
  )
}

/**
 * Returns a rollout under the later of the releases that are the latest for two processes: that of the later epoch; a
 * tie goes to the store. What both know of ended releases is joined.
 */
export function withReleases(kept: StoredRollout, theirs: StoredRollout, mine: StoredRollout): StoredRollout {
  const hasOthers = (rollout: StoredRollout): boolean => (rollout.latest ?? rollout.ended) !== undefined
  if (!hasOthers(theirs) && !hasOthers(mine)) return kept
  const [one, two] = [theirs.latest ?? theirs, mine.latest ?? mine]
  const rank = isSameRelease(one.versions, two.versions) ? compareRollouts(one, two) : one.state.epoch - two.state.epoch
  return rank >= 0 ? withLatest(kept, one, two) : withLatest(kept, two, one)
}
