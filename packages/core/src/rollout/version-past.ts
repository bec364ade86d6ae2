import { isRecord } from '../foundation/options.js'
import type { StrataForm } from '../summaries/strata.js'

/** What a judge learned of a version while it served alone, for the next release whose baseline it is. Plain JSON. */
export interface VersionPast {
  /** The name of the version. */
  readonly version: string
  /** The name of the judge that learned it. */
  readonly judge: string
  /** Wall time of the latest window, in milliseconds since 1970. */
  readonly at: number
  /** The number of windows. */
  readonly windows: number
  /** What the judge's `learn.past.keep` returned. */
  readonly learned: unknown
  /** By which all processes count its users; left out if they do not, or in one process. */
  readonly form?: StrataForm
  /** How its users differ; left out if that is not known. */
  readonly users?: UsersOfVersion
}

/** How the users of a version differ, by the buckets of a split. Plain JSON. */
export interface UsersOfVersion {
  /** The identity of the split. */
  readonly split: string
  /** Wall time of the latest window, in milliseconds since 1970. */
  readonly at: number
  /** What the judge's `learn.strata.keep` returned. */
  readonly learned: unknown
}

/** The number of pasts that are stored with a rollout: of its two versions. */
export const MOST_PASTS = 2

/**
 * An older past is not taken up, in milliseconds: 7 days. Services have a weekly rhythm, and a release is at most about
 * a week old where releases are frequent enough for a canary.
 */
const OLDEST_MS = 7 * 86_400_000

/** Older users are not taken up, in milliseconds. */
const OLDEST_USERS_MS = 86_400_000

/** Returns the stored pasts that have the right form; of what is stored otherwise, nothing. */
export function readPasts(stored: unknown): readonly VersionPast[] {
  return Array.isArray(stored) ? stored.filter(isPast).slice(0, MOST_PASTS) : []
}

/** Returns the past of a version under a judge, if it is stored and young enough at this wall time. */
export function pastOf(stored: unknown, version: string, judge: string, now: number): VersionPast | undefined {
  return readPasts(stored).find(
    (past) => past.version === version && past.judge === judge && now - past.at <= OLDEST_MS,
  )
}

/** Returns the users of a stored past, if they were counted by this split and are young enough at this wall time. */
export function usersOf(past: VersionPast | undefined, split: string | undefined, now: number) {
  const users: unknown = past?.users
  if (split === undefined || !isRecord(users) || users.split !== split) return undefined
  return Number.isFinite(users.at) && now - (users.at as number) <= OLDEST_USERS_MS
    ? (users as unknown as UsersOfVersion)
    : undefined
}

/** Returns the stored pasts with newer ones, which replace those of the same version; the latest are kept. */
export function withPasts(stored: unknown, newer: readonly VersionPast[]): readonly VersionPast[] {
  const others = readPasts(stored).filter(({ version }) => newer.every((past) => past.version !== version))
  return [...newer, ...others].toSorted((a, b) => b.at - a.at).slice(0, MOST_PASTS)
}

function isPast(value: unknown): value is VersionPast {
  if (typeof value !== 'object' || value === null) return false
  const { version, judge, at, windows } = value as Partial<Record<keyof VersionPast, unknown>>
  return typeof version === 'string' && typeof judge === 'string' && Number.isFinite(at) && Number.isFinite(windows)
}
