import { type Canary, CanaryError } from '@model-canary/core'
import { isRecord } from './is-record.js'
import { createRecentAssignments, type RecentAssignments } from './recent-assignments.js'

/** The members of a canary that a provider uses. */
export type FlagCanary = Pick<Canary, 'assign' | 'status' | 'on' | 'start' | 'close' | 'track' | 'report'>

/** One flag: its canary and its recent assignments. */
export interface Flag {
  readonly key: string
  readonly rollout: string
  readonly canary: FlagCanary
  readonly recent: RecentAssignments
}

/** Returns the flags by key. It is a map, so that an external flag key cannot match a member of a prototype. */
export function flagsOf(
  canaries: FlagCanary | Readonly<Record<string, FlagCanary>>,
  rememberedKeys: number,
): ReadonlyMap<string, Flag> {
  const entries = isCanary(canaries) ? [[canaries.status().name, canaries] as const] : entriesOf(canaries)
  return new Map(
    entries.map(([key, canary]) => {
      if (!isCanary(canary)) throw new CanaryError('INVALID_OPTION', `the flag "${key}" must have a canary`)
      return [key, { key, rollout: canary.status().name, canary, recent: createRecentAssignments(rememberedKeys) }]
    }),
  )
}

function entriesOf(canaries: unknown): readonly (readonly [key: string, canary: unknown])[] {
  const entries = isRecord(canaries) ? Object.entries(canaries) : []
  if (entries.length > 0) return entries
  throw new CanaryError('INVALID_OPTION', 'pass canaryProvider a canary, or canaries by flag key')
}

function isCanary(value: unknown): value is FlagCanary {
  return isRecord(value) && typeof value.assign === 'function' && typeof value.status === 'function'
}
