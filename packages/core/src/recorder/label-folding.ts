import type { NameTable } from '../summaries/name-table.js'
import { type Aggregate, moveLabels } from './aggregate.js'

/**
 * Makes room for new classes: moves the rarer half of the labels to "other".
 *
 * @param arms each arm's counts by slot
 * @param aggregates all aggregates whose slots these are
 */
export function foldLabels(labels: NameTable, arms: readonly Uint32Array[], aggregates: readonly Aggregate[]): void {
  const slotAfter = labels.keep(frequentSlots(arms, labels.names.length))
  for (const aggregate of aggregates) moveLabels(aggregate, slotAfter)
}

/**
 * Returns the slots of the more frequent half of the labels, in ascending order.
 *
 * A label ranks by its larger share in either arm, so that a class which only a small canary predicts
 * is not lost among the baseline's many requests.
 *
 * @param arms each arm's counts by slot; slots from `labels` on are not labels
 */
export function frequentSlots(arms: readonly Uint32Array[], labels: number): readonly number[] {
  const totals = arms.map((counts) => counts.reduce((total, count) => total + count, 0))
  const rankOf = (slot: number) => Math.max(...arms.map((counts, arm) => counts[slot]! / (totals[arm]! || 1)))
  return Array.from({ length: labels }, (_, slot) => ({ slot, share: rankOf(slot) }))
    .sort((a, b) => b.share - a.share)
    .slice(0, Math.ceil(labels / 2))
    .map(({ slot }) => slot)
    .sort((a, b) => a - b)
}
