import { CanaryError } from '../../foundation/errors.js'
import type { Spread } from '../../statistics/dispersion.js'
import { count, readSummary } from '../../summaries/read-summary.js'
import { type BaselineHistory, isBaselineHistory, windowCountOf } from './baseline-history.js'

type Generation = BaselineHistory['newer']

/**
 * Returns the part of a history that the next release may take up: rates, quantiles and noise.
 *
 * How the users differ is kept apart, because it depends on the salt of the split and ages faster. The last window is
 * left out, because it is no neighbour of the first window after a restart.
 */
export function keptPast(history: unknown): unknown {
  return isBaselineHistory(history) ? { newer: history.newer, older: history.older } : null
}

/** Returns the history that a kept past begins with; `undefined` if it cannot be read. */
export function historyFromPast(kept: unknown): BaselineHistory | undefined {
  try {
    const { newer, older } = kept as { readonly newer: unknown; readonly older: unknown }
    return {
      newer: readGeneration(newer),
      older: older === null ? null : readGeneration(older),
      last: null,
      users: null,
    }
  } catch {
    return undefined
  }
}

/** Returns the number of windows of a history; 0 of anything else. */
export const windowsKnown = (history: unknown): number => (isBaselineHistory(history) ? windowCountOf(history) : 0)

function readGeneration(value: unknown): Generation {
  const { windows, total, spreads } = value as Readonly<Record<keyof Generation, unknown>>
  if (!Array.isArray(spreads)) throw unreadable('spreads')
  const read = spreads.map((pair: readonly [unknown, unknown]) => [text(pair[0]), readSpread(pair[1])] as const)
  const sorted = read.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { windows: count('windows', windows), total: readSummary(total), spreads: sorted }
}

function readSpread(value: unknown): Spread {
  const { sum, pairs, largest } = value as Readonly<Record<keyof Spread, unknown>>
  if (!Array.isArray(largest) || largest.length > 2) throw unreadable('largest')
  return { sum: amount(sum), pairs: count('pairs', pairs), largest: largest.map(amount) }
}

function amount(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw unreadable('amount')
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw unreadable('text')
}

const unreadable = (member: string) => new CanaryError('INVALID_SUMMARY', `${member} of a kept past cannot be read`)
