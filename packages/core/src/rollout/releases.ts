import { CanaryError } from '../foundation/errors.js'
import { isRecord } from '../foundation/options.js'
import type { Versions } from '../foundation/vocabulary.js'
import type { EndedRelease } from './ended-release.js'
import { rollBack } from './moves.js'
import {
  compareStates,
  type EndedState,
  idleState,
  isLive,
  isTerminal,
  type LiveState,
  type RolloutState,
  switchOf,
} from './state.js'
import { entriesOf, isCount, isName, isShare } from './stored-forms.js'
import type { StoredRollout } from './stored-rollout.js'

/** How many ended releases are stored with the latest one. */
export const RELEASES_KEPT = 8

/** The longest reason that is kept of an ended release, in UTF-16 units. */
const LONGEST_REASON = 200

/** Returns the name of a release for people. */
export const nameOfRelease = ({ baseline, canary }: Versions): string => `${baseline} → ${canary}`

/** Returns whether two releases are the same: both of their versions are. */
export const isSameRelease = (a: Versions, b: Versions): boolean => a.baseline === b.baseline && a.canary === b.canary

/** Returns the ended releases of a stored list that have the right form. */
export const readReleases = (value: unknown): readonly EndedRelease[] =>
  entriesOf(value, isEndedRelease) as readonly EndedRelease[]

const isEndedRelease = (value: unknown): boolean =>
  isRecord(value) &&
  isRecord(value.versions) &&
  [value.versions.baseline, value.versions.canary].every(isName) &&
  isTerminal(value as unknown as RolloutState) &&
  [value.epoch, value.step, value.visit].every(isCount) &&
  isShare(value.weight) &&
  typeof value.reason === 'string'

/** Returns the state of a release that a later one has followed: as it ended, or idle if its end is not stored. */
export function stateUnder(latest: StoredRollout, versions: Versions): RolloutState {
  const { ended = [], state } = latest
  const { versions: _, ...end } = ended.find((release) => isSameRelease(release.versions, versions)) ?? {
    versions,
    epoch: state.epoch,
  }
  return { ...idleState, ...end, ...switchOf(state) } as RolloutState
}

/** Returns the ended releases that are stored with a rollout: those of its latest release, and its own end. */
export function releasesOf({ latest, ended, state, versions }: StoredRollout): readonly EndedRelease[] {
  if (latest === undefined) return ended ?? []
  return joinedReleases(latest.ended ?? [], isTerminal(state) ? [endOf(state, versions)] : [])
}

/**
 * Returns a rollout that is about to begin as one whose release is the latest of its name. The one before is kept as it
 * has ended; a live one ends with that.
 */
export function inPlaceOfLatest({ latest, ...rollout }: StoredRollout): StoredRollout {
  if (latest === undefined) return rollout
  const { versions, state } = rollout
  const epoch = Math.max(state.epoch, latest.state.epoch)
  return { ...rollout, state: { ...state, epoch }, ended: releasesUnder(versions, latest) }
}

/** Returns a rollout under the latest release of its name, with the ends that are known of it and of an earlier one. */
export function withLatest(kept: StoredRollout, latest: StoredRollout, earlier: StoredRollout): StoredRollout {
  const { versions, state } = kept
  const before = releasesOf(kept)
  const ended = joinedReleases(latest.ended ?? [], releasesUnder(latest.versions, earlier))
  const isOwn = isSameRelease(latest.versions, versions)
  const isSame = isOwn ? kept.latest === undefined : kept.latest === latest && !isLive(state)
  if (isSame && JSON.stringify(before) === JSON.stringify(ended)) return kept
  const { latest: _, ended: __, ...own } = kept
  const list = ended.length > 0 && { ended }
  if (isOwn) return { ...own, ...list }
  return { ...own, state: isLive(state) ? replacedBy(state, latest.versions) : state, latest: { ...latest, ...list } }
}

/** Returns the ends that are stored with a release under which another one has ended. */
function releasesUnder(versions: Versions, { state, ended = [], ...under }: StoredRollout): readonly EndedRelease[] {
  const end = isLive(state) ? replacedBy(state, versions) : state
  const ends = isTerminal(end) ? [endOf(end, under.versions)] : []
  return joinedReleases(ended, ends).filter((release) => !isSameRelease(release.versions, versions))
}

/**
 * Returns the ends of two lists: of the same release the one of the later epoch, and a rollback before everything else.
 * The latest {@link RELEASES_KEPT} are kept.
 */
export function joinedReleases(
  theirs: readonly EndedRelease[],
  mine: readonly EndedRelease[],
): readonly EndedRelease[] {
  const others = mine.filter((end) => !theirs.some((known) => isSameRelease(known.versions, end.versions)))
  const joined = theirs.map((end) => {
    const own = mine.find((known) => isSameRelease(known.versions, end.versions))
    return own !== undefined && compareStates(own, end) > 0 ? own : end
  })
  return [...joined, ...others].toSorted((a, b) => a.epoch - b.epoch).slice(-RELEASES_KEPT)
}

function endOf({ state, epoch, step, visit, weight, reason }: EndedState, versions: Versions): EndedRelease {
  return { versions, state, epoch, step, visit, weight, reason: reason.slice(0, LONGEST_REASON) }
}

/** Returns the end of a live state whose place another release has taken. */
const replacedBy = (state: LiveState, next: Versions): EndedState =>
  rollBack(state, `${nameOfRelease(next)} was begun`)[0] as EndedState

/**
 * Returns a stored rollout that has another release and does not know the one of this process, with what this process
 * knows of it: a release that has served is not forgotten because its end is not stored.
 */
export function recalled(stored: StoredRollout, known: StoredRollout): StoredRollout {
  const { latest } = stored
  if (latest === undefined || stored.state.state !== 'idle' || known.state.state === 'idle') return stored
  if (latest.state.epoch < known.state.epoch) return stored
  return { ...stored, state: { ...known.state, ...switchOf(stored.state) } }
}

/** Throws `RELEASE_LIVE` if another release of this name is live. */
export function refuseBeside({ latest }: StoredRollout, verb: string): void {
  if (latest === undefined || !isLive(latest.state)) return
  throw new CanaryError(
    'RELEASE_LIVE',
    `${verb}: ${nameOfRelease(latest.versions)} is live; end it where it runs, or pass onNewRelease: 'supersede'`,
  )
}
