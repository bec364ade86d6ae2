import type { Drift, Target, TargetSplit } from '@model-canary/core/controller'
import type { TargetPlace } from './place.js'

/** What a target in memory controls: a share, who set it last, and the listeners for changes. */
export interface Table {
  weight: number
  /** The split that was applied last. */
  applied: TargetSplit | undefined
  /** The highest fence of a leader that has written. */
  fence: number
  isHanging: boolean
  readonly watchers: Set<() => void>
}

/** The decisions of the target that a test can replace with wrong ones. */
export interface TargetParts {
  readonly precision: number | undefined
  readonly isLate: (split: TargetSplit, table: Table) => boolean
  readonly isOfFormerLeader: (split: TargetSplit, table: Table) => boolean
  readonly isForeign: (split: TargetSplit, table: Table) => boolean
  readonly isLess: (split: TargetSplit, table: Table) => boolean
  readonly rounded: (weight: number) => number
  readonly write: (table: Table, split: TargetSplit) => void
  /** Refuses all other errors of a split. */
  readonly check: (split: TargetSplit, table: Table) => void
  readonly isAborted: (signal: AbortSignal) => boolean
  readonly untilAborted: (signal: AbortSignal) => Promise<void>
  readonly driftIn: (table: Table) => Drift | null
  readonly endWatch: (table: Table, tell: () => void) => void
}

const RIGHT: TargetParts = {
  precision: undefined,
  isLate: (split, { applied }) => (applied?.epoch ?? 0) > split.epoch,
  isOfFormerLeader: ({ fence }, table) => fence !== undefined && fence < table.fence,
  isForeign: (_, { weight, applied }) => weight !== (applied?.weight ?? 0),
  isLess: ({ weight }, table) => weight <= table.weight,
  rounded: (weight) => weight,
  write(table, { weight, fence = 0 }) {
    table.weight = weight
    table.fence = Math.max(fence, table.fence)
  },
  check: () => {},
  isAborted: ({ aborted }) => aborted,
  untilAborted: (signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
  driftIn: ({ weight, applied }) =>
    weight === (applied?.weight ?? 0) ? null : { weight, message: `the table says ${weight} %` },
  endWatch: (table, tell) => void table.watchers.delete(tell),
}

/** A target over a table in memory, the minimum that the contract requires. */
export function plainTarget(table: Table, broken: Partial<TargetParts> = {}): Target {
  const parts = { ...RIGHT, ...broken }
  return {
    ...(parts.precision !== undefined && { precision: parts.precision }),
    async apply(split, signal) {
      if (parts.isAborted(signal)) throw signal.reason
      if (table.isHanging) await parts.untilAborted(signal)
      parts.check(split, table)
      if (parts.isLate(split, table)) throw new Error('a later epoch is in force')
      const isMore = !parts.isLess(split, table)
      if (isMore && parts.isOfFormerLeader(split, table)) throw new Error('a later leader has set the share')
      if (isMore && parts.isForeign(split, table)) throw new Error('somebody else set the share')
      table.applied = split
      parts.write(table, { ...split, weight: parts.rounded(split.weight) })
      for (const tell of table.watchers) tell()
    },
    watch(listener) {
      const tell = () => listener(parts.driftIn(table))
      table.watchers.add(tell)
      return () => parts.endWatch(table, tell)
    },
  }
}

/** Creates a place with such a target. */
export function plainPlace(broken: Partial<TargetParts> = {}): TargetPlace {
  const table: Table = { weight: 0, applied: undefined, fence: 0, isHanging: false, watchers: new Set() }
  return {
    open: () => plainTarget(table, broken),
    weight: () => table.weight,
    setWeight(weight) {
      table.weight = weight
      for (const tell of table.watchers) tell()
    },
    hang() {
      table.isHanging = true
    },
  }
}
