import type { ResolvedRollout } from '../controller/controller-options.js'
import type { PastKeeper } from '../controller/past-keeper.js'
import type { Variant } from '../foundation/vocabulary.js'
import type { KeptUsers } from '../judging/judge.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import { bytesOf } from '../rollout/stored-size.js'
import { pastOf, type UsersOfVersion, usersOf, type VersionPast, withPasts } from '../rollout/version-past.js'
import { type CanaryCounts, createCanaryWindows } from './canary-windows.js'

/** What the judge has learned of the version of each arm, in the windows in which it served. */
export interface VersionPasts extends PastKeeper {
  /** What was learned of the baseline; `null` if nothing. */
  baseline: unknown
  /** Notes that a window of a version was learned now. */
  note(variant: Variant): void
  /** Returns how the users of the baseline differed in an earlier process, if it had the same split. */
  keptUsers(): KeptUsers | undefined
}

/** The options of {@link createVersionPasts}. */
export interface VersionPastsOptions {
  readonly rollout: Pick<ResolvedRollout, 'versions' | 'guardrails' | 'clock'> & {
    readonly judge: Pick<ResolvedRollout['judge'], 'name' | 'learn'>
  }
  /** Returns the canary's counts since the beginning of the rollout, and the number of the rollout. */
  readonly canary: () => CanaryCounts
  /** The counts by routing bucket of each version while it serves alone. */
  readonly strata: Pick<Recorder, 'strata' | 'cutStrata'>
  readonly split: () => SplitNow
  /** Called with a sentence about a stored past that was dropped. */
  readonly onDropped: (message: string) => void
}

/** The split of this process. */
export interface SplitNow {
  /** `undefined` if it is not known whether another process has the same split. */
  readonly identity: string | undefined
  /** Whether the baseline serves alone. */
  readonly isIdle: boolean
}

/** Fewer windows are not stored: they are soon learned again. */
const FEWEST_WINDOWS = 20

/** A larger past is stored without the users, or not at all, in bytes of JSON. */
const MOST_BYTES = 32_768

/** A stored past that is no shorter is replaced after this time, in milliseconds. */
const RENEWED_AFTER_MS = 600_000

/** Creates pasts without windows. */
export function createVersionPasts(options: VersionPastsOptions): VersionPasts {
  const { rollout, canary, strata, split, onDropped } = options
  const { versions, guardrails, judge, clock } = rollout
  const { learn } = judge
  const learned: Record<Variant, unknown> = { baseline: null, canary: null }
  const learnedAt: Partial<Record<Variant, number>> = {}
  const servedAloneAt: Partial<Record<Variant, number>> = {}
  const adopted: Partial<Record<Variant, VersionPast>> = {}
  const nextWindow = createCanaryWindows(canary, () => clock.elapsed(), learn?.windowMs ?? 0)
  let isAdopted = false

  const windowsOf = (variant: Variant): number => learn?.past?.windowsOf(learned[variant]) ?? 0
  const note = (variant: Variant): void => {
    learnedAt[variant] = clock.now()
    if (variant === 'canary' || split().isIdle) servedAloneAt[variant] = clock.now()
  }

  const adoptFor = (variant: Variant, stored: unknown): void => {
    const past = pastOf(stored, versions[variant], judge.name, clock.now())
    if (past === undefined || learn?.past === undefined) return
    adopted[variant] = past
    const history = learn.past.adopt(past.learned)
    if (history === undefined) onDropped(`the stored past of ${versions[variant]} cannot be read and is not used`)
    else if (learn.past.windowsOf(history) > windowsOf(variant)) learned[variant] = history
  }

  const adoptedUsers = (variant: Variant): UsersOfVersion | undefined =>
    usersOf(adopted[variant], split().identity, clock.now())

  const keptUsers = (variant: Variant): KeptUsers | undefined => {
    const users = adoptedUsers(variant)
    return users && { learned: users.learned, ageMs: clock.now() - users.at }
  }

  /** Returns what is known of the users of a version: as this process counted it, or as it was stored before. */
  const usersToStore = (variant: Variant): UsersOfVersion | undefined => {
    const { identity } = split()
    if (identity === undefined || learn?.strata?.keep === undefined) return undefined
    const kept = keptUsers(variant)
    const users = learn.strata.keep(learned[variant], strata.strata(variant), kept)
    if (kept !== undefined && users === kept.learned) return adoptedUsers(variant)
    const at = servedAloneAt[variant]
    return users === null || at === undefined ? undefined : { split: identity, at, learned: users }
  }

  /** Returns the past of a version if the store has none, a shorter or an older one. */
  const newsOf = (variant: Variant, stored: unknown): readonly VersionPast[] => {
    const at = learnedAt[variant]
    const windows = windowsOf(variant)
    if (at === undefined || learn?.past === undefined || windows < FEWEST_WINDOWS) return []
    const known = pastOf(stored, versions[variant], judge.name, at)
    if (known && known.windows >= windows && at - known.at < RENEWED_AFTER_MS) return []
    const learnedOf = learn.past.keep(learned[variant])
    const past = { version: versions[variant], judge: judge.name, at, windows, learned: learnedOf }
    const users = usersToStore(variant)
    const isShort = (each: VersionPast): boolean => bytesOf(each) <= MOST_BYTES
    return [...(users ? [{ ...past, users }] : []), past].filter(isShort).slice(0, 1)
  }

  return {
    get baseline() {
      return learned.baseline
    },
    set baseline(history) {
      learned.baseline = history
    },
    note,
    keptUsers: () => keptUsers('baseline'),
    windowMs: learn?.past && learn.windowMs,
    adopt(stored) {
      if (isAdopted) return
      isAdopted = true
      adoptFor('baseline', stored)
      adoptFor('canary', stored)
    },
    learnCanary() {
      const window = nextWindow()
      if (window === undefined || learn === undefined) return
      learned.canary = learn.update(learned.canary, window, guardrails)
      const form = learn.strata?.formDue(learned.canary, guardrails)
      if (form) learned.canary = learn.strata?.add(learned.canary, strata.cutStrata(form, 'canary'), guardrails)
      note('canary')
    },
    toStore(stored) {
      const news = [...newsOf('baseline', stored), ...newsOf('canary', stored)]
      return news.length === 0 ? undefined : withPasts(stored, news)
    },
  }
}
