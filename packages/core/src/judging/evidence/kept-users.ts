import { isRecord } from '../../foundation/options.js'
import { packStrata, unpackStrata } from '../../summaries/packed-strata.js'
import type { Strata } from '../../summaries/strata.js'
import type { KeptUsers } from '../judge.js'
import { FULL_WINDOWS, type Generation, type Generations, generationsAtStart, type UsersPast } from './users-past.js'

/** How the users of a version differ: two generations, and the thresholds by which they were counted. */
export interface UsersKnown extends Generations {
  readonly thresholds: UsersPast['thresholds']
  /** The time since the end of the newer generation, in milliseconds; left out if this process counted it until now. */
  readonly ageMs?: number
}

/** What this process counted, and what was kept by another one. */
interface Sources {
  readonly users: UsersPast | null
  /** The counts of the present generation so far. */
  readonly open: Strata | null
  readonly kept?: KeptUsers | undefined
}

/**
 * Returns how the users differ, for a rollout that begins now: as another process kept it, if this one has counted fewer
 * windows than that, and less than 40 minutes. `null` if there are not two generations.
 */
export function usersKnown({ users, open, kept }: Sources): UsersKnown | null {
  const own = ownUsers(users, open)
  const adopted = kept && readUsers(kept)
  return adopted && isFewer(own, adopted) ? adopted : own
}

/** Returns what the next release may take up, as plain JSON: what this process counted, or what was kept before. */
export function usersToKeep({ users, open, kept }: Sources): unknown {
  const own = ownUsers(users, open)
  const adopted = kept && readUsers(kept)
  if (own === null || (adopted && isFewer(own, adopted))) return adopted ? kept.learned : null
  return { thresholds: own.thresholds, newer: packed(own.newer), older: packed(own.older) }
}

const ownUsers = (users: UsersPast | null, open: Strata | null): UsersKnown | null => {
  const generations = users && generationsAtStart(users, open)
  return generations && { ...generations, thresholds: users.thresholds }
}

const isFewer = (own: Generations | null, other: Generations): boolean =>
  own === null || windowsOf(own) < Math.min(FULL_WINDOWS, windowsOf(other))

const windowsOf = ({ newer, older }: Generations): number => newer.windows + older.windows

const packed = ({ windows, strata }: Generation) => ({ windows, strata: packStrata(strata) })

/** Returns kept users; `undefined` if they cannot be read. */
function readUsers({ learned, ageMs }: KeptUsers): UsersKnown | undefined {
  if (!isRecord(learned) || !isRecord(learned.thresholds) || !isSound(learned.thresholds)) return undefined
  const [newer, older] = [readGeneration(learned.newer), readGeneration(learned.older)]
  if (newer === undefined || older === undefined) return undefined
  return { thresholds: learned.thresholds as UsersPast['thresholds'], newer, older, ageMs: Math.max(0, ageMs) }
}

function readGeneration(value: unknown): Generation | undefined {
  if (!isRecord(value)) return undefined
  const { windows } = value
  const strata = unpackStrata(value.strata)
  const isCount = Number.isSafeInteger(windows) && (windows as number) > 0
  return strata && isCount ? { windows: windows as number, strata } : undefined
}

/** Returns whether the numbers of stored thresholds are finite, and no list names anything twice. */
function isSound(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value) && new Set(value).size < value.length) return false
  return Object.values(value).every(isSound)
}
