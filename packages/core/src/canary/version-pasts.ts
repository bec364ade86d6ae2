import type { ResolvedRollout } from '../controller/controller-options.js'
import type { PastKeeper } from '../controller/past-keeper.js'
import { VARIANTS, type Variant } from '../foundation/vocabulary.js'
import type { KeptUsers } from '../judging/judge.js'
import type { Recorder } from '../recorder/recorder-contract.js'
import { bytesOf } from '../rollout/stored-size.js'
import { pastOf, type VersionPast, withPasts } from '../rollout/version-past.js'
import { isForm, isSameForm, type StrataForm } from '../summaries/strata.js'
import { finishedOf, type Summary } from '../summaries/summary.js'
import { type CanaryCounts, createCanaryWindows } from './canary-windows.js'
import { createUsersKeeping, type SplitNow, type UsersKeeping } from './kept-users.js'
import { createStrataOfAll, type StrataOfAll } from './strata-of-all.js'

/** What the judge has learned of the version of each arm, in the windows in which it served. */
export interface VersionPasts extends PastKeeper {
  /** What the baseline's users did in the present generation; `null` if nothing is known of it. */
  readonly strata: StrataOfAll['strata']
  /** What was learned of the baseline; `null` if nothing. */
  baseline: unknown
  /** Learns from a window that the baseline served in this process, unless one process learns for all of them. */
  learnBaseline(window: Summary): void
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

/** Fewer windows are not stored: they are soon learned again. */
const FEWEST_WINDOWS = 20

/** A larger past is stored without the users, or not at all, in bytes of JSON. */
const MOST_BYTES = 32_768

/** A stored past that is no shorter is replaced after this time, in milliseconds. */
const RENEWED_AFTER_MS = 600_000

/** Creates pasts without windows. */
export function createVersionPasts(given: VersionPastsOptions): VersionPasts {
  const { canary, rollout } = given
  const strata = createStrataOfAll(given.strata)
  const options = { ...given, strata }
  const { learn } = rollout.judge
  const users = createUsersKeeping(options)
  const nextWindow = createCanaryWindows(canary, () => rollout.clock.elapsed(), learn?.windowMs ?? 0)
  const { learned, note, learnOne, adoptFor, newsOf, formsIn, hasNews } = createLearned(options, users)
  let isAdopted = false
  let isFollowing = false
  const adoptAll = (stored: unknown): void => {
    isAdopted = true
    for (const variant of VARIANTS) adoptFor(variant, stored, isFollowing)
  }

  return {
    strata: strata.strata,
    get baseline() {
      return learned.baseline
    },
    set baseline(history) {
      learned.baseline = history
    },
    learnBaseline: (window) => (isFollowing ? undefined : learnOne('baseline', window)),
    note,
    keptUsers: () => users.kept('baseline'),
    windowMs: learn?.past && learn.windowMs,
    adopt(stored) {
      if (!isAdopted) adoptAll(stored)
      if (isFollowing) strata.follow(formsIn(stored), false)
    },
    learnCanary() {
      const window = isFollowing ? undefined : nextWindow()
      if (window) learnOne('canary', window)
    },
    follow(stored) {
      isFollowing = learn?.past !== undefined
      if (isFollowing) strata.follow(formsIn(stored), true)
      adoptAll(stored)
    },
    learn(window, state, served) {
      strata.take(served, window !== undefined)
      if (window && finishedOf(window.baseline) > 0) learnOne('baseline', window.baseline)
      if (window && state === 'promoted' && finishedOf(window.canary) > 0) learnOne('canary', window.canary)
    },
    hasNews: (stored) => VARIANTS.some((variant) => hasNews(variant, stored)),
    toStore(stored) {
      const news = [...newsOf('baseline', stored), ...newsOf('canary', stored)]
      return news.length === 0 ? undefined : withPasts(stored, news)
    },
  }
}

/** Creates what is learned of each version, and when that was. */
function createLearned(
  options: Omit<VersionPastsOptions, 'strata'> & { readonly strata: StrataOfAll },
  users: UsersKeeping,
) {
  const { rollout, onDropped, strata } = options
  const { versions, judge, clock } = rollout
  const { learn, name } = judge
  const learned: Record<Variant, unknown> = { baseline: null, canary: null }
  const learnedAt: Partial<Record<Variant, number>> = {}

  const windowsOf = (variant: Variant): number => learn?.past?.windowsOf(learned[variant]) ?? 0
  const note = (variant: Variant): void => {
    learnedAt[variant] = clock.now()
    users.note(variant)
  }
  /** Returns how many windows are no better than the known ones: of a later past of all processes, half as many. */
  const enough = ({ at }: VersionPast, variant: Variant, isOfAll: boolean): number =>
    windowsOf(variant) / (isOfAll && at > (learnedAt[variant] ?? Number.NEGATIVE_INFINITY) ? 2 : 1)

  const formIn = (variant: Variant, stored: unknown): StrataForm | undefined => {
    const form = pastOf(stored, versions[variant], name, clock.now())?.form
    return isForm(form) ? form : undefined
  }
  const hasNews = (variant: Variant, stored: unknown): boolean => {
    const [form, known] = [strata.formOf(variant), formIn(variant, stored)]
    return form !== undefined && !(known && isSameForm(known, form))
  }

  return {
    learned,
    note,
    hasNews,
    formsIn: (stored: unknown) => ({ baseline: formIn('baseline', stored), canary: formIn('canary', stored) }),
    learnOne(variant: Variant, window: Summary): void {
      learned[variant] = learn?.update(learned[variant], window, rollout.guardrails)
      note(variant) // and if the judge throws below, no window is lost
      learned[variant] = withGeneration(learned[variant], variant, options)
    },
    adoptFor(variant: Variant, stored: unknown, isOfAll: boolean): void {
      const past = pastOf(stored, versions[variant], name, clock.now())
      if (past === undefined || learn?.past === undefined) return
      users.adopt(variant, past)
      const history = learn.past.adopt(past.learned)
      if (history === undefined) onDropped(`the stored past of ${versions[variant]} cannot be read and is not used`)
      else if (learn.past.windowsOf(history) > enough(past, variant, isOfAll)) learned[variant] = history
    },
    /** Returns the past of a version if the store has none, a shorter or an older one. */
    newsOf(variant: Variant, stored: unknown): readonly VersionPast[] {
      const [at, windows] = [learnedAt[variant], windowsOf(variant)]
      const isNewForm = hasNews(variant, stored)
      if (at === undefined || learn?.past === undefined || (windows < FEWEST_WINDOWS && !isNewForm)) return []
      if (!isNewForm && isAsGood(pastOf(stored, versions[variant], name, at), { at, windows })) return []
      const past = { version: versions[variant], judge: name, at, windows, learned: learn.past.keep(learned[variant]) }
      const form = strata.formOf(variant)
      return whatFits({ ...past, ...(form && { form }), users: users.toStore(variant, learned[variant]) })
    },
  }
}

/** Returns whether a stored past is as long as what is learned now, and not much older. */
const isAsGood = (known: VersionPast | undefined, { at, windows }: Pick<VersionPast, 'at' | 'windows'>): boolean =>
  known !== undefined && known.windows >= windows && at - known.at < RENEWED_AFTER_MS

/** Returns what was learned of a version, with one more generation of its users if one is due. */
function withGeneration(history: unknown, variant: Variant, { rollout, strata }: VersionPastsOptions): unknown {
  const { judge, guardrails } = rollout
  const form = judge.learn?.strata?.formDue(history, guardrails)
  return form ? judge.learn?.strata?.add(history, strata.cutStrata(form, variant), guardrails) : history
}

/** Returns a past without the users if it is too large with them; nothing if it is too large all the same. */
function whatFits({
  users,
  ...past
}: Omit<VersionPast, 'users'> & { readonly users: VersionPast['users'] | undefined }) {
  const isSmall = (each: VersionPast): boolean => bytesOf(each) <= MOST_BYTES
  return [...(users ? [{ ...past, users }] : []), past].filter(isSmall).slice(0, 1)
}
