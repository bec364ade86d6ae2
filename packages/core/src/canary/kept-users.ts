import type { Variant } from '../foundation/vocabulary.js'
import type { Judge, KeptUsers } from '../judging/judge.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import { type UsersOfVersion, usersOf, type VersionPast } from '../rollout/version-past.js'
import type { Clock } from '../runtime/clock.js'
import type { ProcessSplit } from './process-split.js'

/** The split of this process, and whether the baseline serves alone. */
export type SplitNow = Pick<ProcessSplit, 'identity' | 'isIdle'>

/** How the users of the two versions differ, as it is read from a store and written to it. */
export interface UsersKeeping {
  /** Takes up the users of a stored past. Those of another split are not used. */
  adopt(variant: Variant, past: VersionPast): void
  /** Notes that a window of a version has ended now. */
  note(variant: Variant): void
  /** Returns what was stored of a version, if it is still usable. */
  kept(variant: Variant): KeptUsers | undefined
  /** Returns what is to be stored: as this process counted it, or as it was stored before. */
  toStore(variant: Variant, history: unknown): UsersOfVersion | undefined
}

/** The options of {@link createUsersKeeping}. */
export interface UsersKeepingOptions {
  readonly rollout: { readonly clock: Pick<Clock, 'now'>; readonly judge: Pick<Judge, 'learn'> }
  readonly strata: Pick<Recorder, 'strata'>
  readonly split: () => SplitNow
}

/** Creates the keeping of users of whom nothing is known. */
export function createUsersKeeping({ rollout, strata, split }: UsersKeepingOptions): UsersKeeping {
  const { clock, judge } = rollout
  const adopted: Partial<Record<Variant, VersionPast>> = {}
  const servedAloneAt: Partial<Record<Variant, number>> = {}
  const stored = (variant: Variant) => usersOf(adopted[variant], split().identity, clock.now())
  const keptFrom = (users: UsersOfVersion | undefined): KeptUsers | undefined =>
    users && { learned: users.learned, ageMs: clock.now() - users.at }

  return {
    adopt(variant, past) {
      adopted[variant] = past
    },
    note(variant) {
      if (variant === 'canary' || split().isIdle()) servedAloneAt[variant] = clock.now()
    },
    kept: (variant) => keptFrom(stored(variant)),
    toStore(variant, history) {
      const { identity } = split()
      const keep = judge.learn?.strata?.keep
      if (identity === undefined || keep === undefined) return undefined
      const before = stored(variant)
      const learned = keep(history, strata.strata(variant), keptFrom(before))
      if (before !== undefined && learned === before.learned) return before
      const at = servedAloneAt[variant]
      return learned === null || at === undefined ? undefined : { split: identity, at, learned }
    },
  }
}
