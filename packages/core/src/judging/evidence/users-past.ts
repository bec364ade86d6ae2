import type { Guardrail } from '../../guardrails/guardrail.js'
import type { Thresholds } from '../../guardrails/guardrail-kind.js'
import { hypothesesOf, thresholdsOf } from '../../guardrails/kind-of.js'
import { isSameForm, mergeStrata, plainForm, type Strata, type StrataForm, strataForm } from '../../summaries/strata.js'
import type { Summary } from '../../summaries/summary.js'

/** Counts by stratum that are kept together and dropped together. */
export interface Generation {
  readonly windows: number
  readonly strata: Strata
}

/**
 * How the users differed while the baseline served them all: two generations of counts by stratum. Plain JSON.
 *
 * The generations grow with the past until each has 40 minutes: the longer they are, the less of their difference is
 * chance. Then the older one is dropped whenever a new one is complete.
 */
export interface UsersPast {
  /** The thresholds by which the present generation is counted, by the name of the guardrail. */
  readonly thresholds: Readonly<Record<string, Thresholds>>
  /** The number of windows since the present generation began. */
  readonly open: number
  readonly newer: Generation | null
  readonly older: Generation | null
}

/** Two generations, one after the other. */
export interface Generations {
  readonly newer: Generation
  readonly older: Generation
}

/** The number of windows of the first generations. */
const FIRST_WINDOWS = 10

/** The number of windows of a generation that is large enough: 40 minutes of 15 s. */
export const FULL_WINDOWS = 160

/** Thresholds are kept while they are at most this part away from those of the present history. */
const CLOSE = 0.05

/** Returns the users' past with one more window. */
export const countedOn = (users: UsersPast | null): UsersPast | null => users && { ...users, open: users.open + 1 }

/** Returns whether the present generation is complete. */
export function isGenerationDue({ open, newer, older }: UsersPast): boolean {
  if (newer === null || older === null) return open >= FIRST_WINDOWS
  return open >= (newer.windows < FULL_WINDOWS ? 2 * newer.windows : FULL_WINDOWS)
}

/** Returns the thresholds for the next generation: the old ones, unless the baseline has moved away from them. */
export function nextThresholds(
  guardrails: readonly Guardrail[],
  history: Summary,
  known: UsersPast['thresholds'] = {},
): UsersPast['thresholds'] {
  const all = guardrails.flatMap((guardrail) => {
    const fresh = thresholdsOf(guardrail, history)
    if (fresh === null) return []
    const old = known[guardrail.name]
    return [[guardrail.name, old !== undefined && isClose(old, fresh) ? old : fresh] as const]
  })
  return Object.fromEntries(all)
}

/** Returns what strata must count for the guardrails at these thresholds. */
export function formFor(guardrails: readonly Guardrail[], thresholds: UsersPast['thresholds']): StrataForm {
  const needs = guardrails
    .flatMap((guardrail) => hypothesesOf(guardrail, thresholds[guardrail.name] ?? null))
    .flatMap(({ limit, statistic: { byUser } }) => (limit === null && byUser?.needs ? [byUser.needs] : []))
  const scoreEdges = needs.find((each) => each.scoreEdges !== undefined)?.scoreEdges
  return strataForm({
    capMs: needs.find(({ capMs }) => capMs !== undefined)?.capMs ?? plainForm.capMs,
    tailBins: needs.flatMap(({ tailBins = [] }) => tailBins),
    classes: needs.flatMap(({ classes = [] }) => classes),
    metrics: needs.flatMap(({ metrics = [] }) => metrics),
    ...(scoreEdges && { scoreEdges }),
  })
}

/**
 * Returns the past in which the present generation has ended with these counts, and another one begins.
 *
 * Without counts the baseline did not serve alone for a whole generation, so that what was known is too old.
 */
export function withGeneration(
  past: UsersPast,
  strata: Strata | null,
  thresholds: UsersPast['thresholds'] = past.thresholds,
): UsersPast {
  const { open, newer, older } = past
  const next = { ...past, thresholds, open: 0 }
  if (strata === null) return { ...next, newer: null, older: null }
  const ended: Generation = { windows: open, strata }
  const isGrowing = newer !== null && older !== null && newer.windows < FULL_WINDOWS
  return { ...next, newer: ended, older: isGrowing ? merged(older, newer) : newer }
}

/**
 * Returns the two generations at the start of a rollout, with what has been counted of the present one; `null` if there
 * are not two. The past is divided where the two parts are of more equal length.
 */
export function generationsAtStart({ open, newer, older }: UsersPast, strata: Strata | null): Generations | null {
  if (newer === null) return null
  if (older === null) return strata !== null && open > 0 ? { older: newer, newer: { windows: open, strata } } : null
  if (strata === null || !isSameForm(newer.strata.form, strata.form)) return { newer, older }
  const present = { windows: open, strata }
  const isLateSplit = Math.abs(older.windows + newer.windows - open) < Math.abs(newer.windows + open - older.windows)
  return isLateSplit ? { older: merged(older, newer), newer: present } : { older, newer: merged(newer, present) }
}

/** Returns the sum of two generations; the second one alone if they were counted in different ways. */
function merged(first: Generation, second: Generation): Generation {
  if (!isSameForm(first.strata.form, second.strata.form)) return second
  return { windows: first.windows + second.windows, strata: mergeStrata(first.strata, second.strata) }
}

/** Returns whether thresholds say almost the same: numbers within a twentieth, and the same names in any order. */
function isClose(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number')
    return Math.abs(one - other) <= CLOSE * Math.max(Math.abs(one), Math.abs(other))
  if (Array.isArray(one) && Array.isArray(other))
    return (
      one.length === other.length &&
      one.every((item, at) => (typeof item === 'string' ? other.includes(item) : isClose(item, other[at])))
    )
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other
  return Object.entries(other).every(([name, value]) => isClose(one[name as keyof typeof one], value))
}
