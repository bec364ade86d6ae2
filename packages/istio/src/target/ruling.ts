import { CanaryError } from '@model-canary/core'
import type { Drift, TargetSplit } from '@model-canary/core/controller'
import { latest, type Mark, markText } from './mark.js'
import { driftOf, type SplitReading } from './read-split.js'

/** What this process knows when it decides on a split. */
export interface Circumstances {
  /** The object, for messages, such as `VirtualService default/sentiment`. */
  readonly where: string
  /** What this process applied last. */
  readonly applied: Mark | undefined
  /** The name under which this process writes. */
  readonly by: string
  /** Whether this process found nothing in its store and has not applied a split since. */
  readonly isNewcomer: boolean
  readonly onDrift: 'hold' | 'reassert'
}

/** The decision on a split: it is in force already, it must be written, or it is refused. */
export type Ruling =
  | { readonly kind: 'in-force'; readonly mark: Mark }
  | { readonly kind: 'write'; readonly isReduction: boolean }
  | { readonly kind: 'refuse'; readonly drift: Drift; readonly error: CanaryError }

/**
 * Decides on a split, given the object that was read. Pure.
 *
 * A reduction overwrites everything except a later rollout. A newcomer's reduction overwrites a later rollout too,
 * because its epochs cannot be compared with the mark's. An increase overwrites only this rollout's own weight: the one
 * in the mark, the one that this process applied or, without either, the one in the store. It overwrites nothing of a
 * later leader.
 */
export function ruleOn(split: TargetSplit, reading: SplitReading, circumstances: Circumstances): Ruling {
  const { weight, epoch, lastKnown } = split
  const { where, applied, onDrift, isNewcomer } = circumstances
  const { mark } = reading
  const before = latest(mark, applied)
  const isClean = beginsClean(split, reading, circumstances)

  const isLess = isReduction(split, reading, before)
  const overtaking = [mark, applied].find((known) => known !== undefined && known.epoch > epoch)
  if (overtaking !== undefined && !isClean && !(isNewcomer && isLess)) {
    const detail = `a later rollout (epoch ${overtaking.epoch}) has applied ${overtaking.weight} %`
    return refuse(
      reading,
      where,
      `${detail}; a split of epoch ${epoch} does not overwrite it.`,
      'stop the older rollout',
    )
  }
  if (!isLess && !isNewcomer && isOlder(split, before)) {
    const detail = `a later leader (fence ${before?.fence}) has applied ${before?.weight} %`
    return refuse(reading, where, `${detail}; ${weight} % of fence ${split.fence} is not written.`, 'stop this process')
  }
  const hasWeight = reading.weight === weight && mark?.weight === weight && mark.epoch === epoch && mark === before
  const isInForce = hasWeight && mark.fence === fenceAfter(split, mark, isNewcomer)
  if (!isLess && mark !== undefined && mark === before && !isClean && isForeign(mark, split, circumstances)) {
    const detail = `another controller has applied ${mark.weight} %`
    return refuse(reading, where, `${detail}; ${weight} % does not overwrite it.`, 'stop one of the two')
  }
  if (isInForce) return { kind: 'in-force', mark }
  if (isLess) return { kind: 'write', isReduction: true }
  if (isClean) return { kind: 'write', isReduction: false }
  const isRaise = weight > (reading.weight ?? 0)
  const isFirst = isNewcomer && isRaise && reading.problem === undefined // a newcomer has applied nothing
  const known = lastKnown ?? (isFirst ? 0 : undefined)
  const drift = driftOf(where, reading, applied, known)
  if (drift === null || reading.weight === weight || onDrift === 'reassert')
    return { kind: 'write', isReduction: false }
  const error = drifted(`${drift.message} ${weight} % is not written; restore the weight, or roll back`)
  return { kind: 'refuse', drift, error }
}

/**
 * Whether a rollout begins on a canary without traffic: nothing is stored, or the store says that this epoch has given
 * it none. What an earlier rollout applied does not matter then: somebody has prepared the route for the next one.
 */
function beginsClean({ epoch, lastKnown }: TargetSplit, { weight, mark }: SplitReading, known: Circumstances): boolean {
  const before = latest(mark, known.applied)
  const isNext = before !== undefined && before.epoch < epoch && lastKnown === 0
  return weight === 0 && (known.isNewcomer || isNext)
}

/**
 * Whether a split is a reduction: the controller says so, or its weight is 0 or lower than what was applied.
 * A weight above the one in force is never a reduction.
 */
function isReduction(split: TargetSplit, reading: SplitReading, before: Mark | undefined): boolean {
  const { weight, isReduction = weight === 0 || (before !== undefined && weight < before.weight) } = split
  return isReduction && (weight === 0 || weight <= (reading.weight ?? 0))
}

/** Whether a split comes from a leader before the one in the mark. Splits without a fence come from no leader. */
const isOlder = ({ fence }: TargetSplit, before: Mark | undefined): boolean =>
  fence !== undefined && before?.fence !== undefined && fence < before.fence

/**
 * Returns the fence of the mark after a split was written: it does not fall, unless by a newcomer, whose store began
 * anew.
 */
export function fenceAfter({ fence }: TargetSplit, before: Mark | undefined, isNewcomer: boolean): number | undefined {
  if (isNewcomer || before?.fence === undefined) return fence
  return Math.max(fence ?? 0, before.fence)
}

/**
 * Whether a mark was written by a controller that is ahead of this one, or unrelated to it.
 *
 * A process that found its state in the store also finds its predecessor's mark. For a newcomer, a canary in force
 * belongs to another controller, even at the wanted weight.
 */
function isForeign(mark: Mark, split: TargetSplit, { applied, by, isNewcomer }: Circumstances): boolean {
  const { weight, epoch, revision, lastKnown } = split
  if (mark.by === by || (applied !== undefined && markText(mark) === markText(applied))) return false
  if (isNewcomer) return true
  if (mark.fence !== undefined && split.fence !== undefined && mark.fence < split.fence) return false
  const isInformed = applied !== undefined || lastKnown !== undefined
  return isInformed && mark.epoch === epoch && mark.revision >= revision && mark.weight !== weight
}

function refuse({ weight }: SplitReading, where: string, message: string, advice: string): Ruling {
  const sentence = `${where}: ${message}`
  return {
    kind: 'refuse',
    drift: { weight, message: sentence },
    error: drifted(`${sentence} Wait for it to end, or ${advice}`),
  }
}

/**
 * Returns the drift that a watch reports, also if it makes a pending split be refused. A pending split that is about
 * to be applied is not drift, although it differs from what was applied. The share of a later leader is not drift
 * either: the pending split is then left to that one.
 */
export function driftWith(
  underWay: TargetSplit | undefined,
  reading: SplitReading,
  circumstances: Circumstances,
): Drift | null {
  const { where, applied } = circumstances
  if (underWay === undefined || isOlder(underWay, reading.mark)) return driftOf(where, reading, applied)
  const ruling = ruleOn(underWay, reading, circumstances)
  if (ruling.kind === 'refuse') return ruling.drift
  if (beginsClean(underWay, reading, circumstances)) return null
  return reading.weight === underWay.weight ? null : driftOf(where, reading, applied, underWay.lastKnown ?? undefined)
}

/** Returns the error for an object that differs from what this rollout applied. */
export const drifted = (message: string): CanaryError => new CanaryError('ROUTE_DRIFTED', message)
