import type { ResolvedRollout } from '../controller/controller-options.js'
import type { PastKeeper } from '../controller/past-keeper.js'
import type { Variant } from '../foundation/vocabulary.js'
import { bytesOf } from '../rollout/stored-size.js'
import { pastOf, type VersionPast, withPasts } from '../rollout/version-past.js'
import { type CanaryCounts, createCanaryWindows } from './canary-windows.js'

/** What the judge has learned of the version of each arm, in the windows in which it served. */
export interface VersionPasts extends PastKeeper {
  /** What was learned of the baseline; `null` if nothing. */
  baseline: unknown
  /** Notes that a window of a version was learned now. */
  note(variant: Variant): void
}

/** The options of {@link createVersionPasts}. */
export interface VersionPastsOptions {
  readonly rollout: Pick<ResolvedRollout, 'versions' | 'guardrails' | 'clock'> & {
    readonly judge: Pick<ResolvedRollout['judge'], 'name' | 'learn'>
  }
  /** Returns the canary's counts since the beginning of the rollout, and the number of the rollout. */
  readonly canary: () => CanaryCounts
  /** Called with a sentence about a stored past that was dropped. */
  readonly onDropped: (message: string) => void
}

/** Fewer windows are not stored: they are soon learned again. */
const FEWEST_WINDOWS = 20

/** A larger past is not stored, in bytes of JSON. */
const MOST_BYTES = 32_768

/** A stored past that is no shorter is replaced after this time, in milliseconds. */
const RENEWED_AFTER_MS = 600_000

/** Creates pasts without windows. */
export function createVersionPasts({ rollout, canary, onDropped }: VersionPastsOptions): VersionPasts {
  const { versions, guardrails, judge, clock } = rollout
  const { learn } = judge
  const learned: Record<Variant, unknown> = { baseline: null, canary: null }
  const learnedAt: Partial<Record<Variant, number>> = {}
  const nextWindow = createCanaryWindows(canary, () => clock.elapsed(), learn?.windowMs ?? 0)
  let isAdopted = false

  const windowsOf = (variant: Variant): number => learn?.past?.windowsOf(learned[variant]) ?? 0
  const note = (variant: Variant): void => {
    learnedAt[variant] = clock.now()
  }

  const adoptFor = (variant: Variant, stored: unknown): void => {
    const past = pastOf(stored, versions[variant], judge.name, clock.now())
    if (past === undefined || learn?.past === undefined) return
    const history = learn.past.adopt(past.learned)
    if (history === undefined) onDropped(`the stored past of ${versions[variant]} cannot be read and is not used`)
    else if (learn.past.windowsOf(history) > windowsOf(variant)) learned[variant] = history
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
    return bytesOf(past) <= MOST_BYTES ? [past] : []
  }

  return {
    get baseline() {
      return learned.baseline
    },
    set baseline(history) {
      learned.baseline = history
    },
    note,
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
      note('canary')
    },
    toStore(stored) {
      const news = [...newsOf('baseline', stored), ...newsOf('canary', stored)]
      return news.length === 0 ? undefined : withPasts(stored, news)
    },
  }
}
