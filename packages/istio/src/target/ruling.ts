import { CanaryError } from '@model-canary/core'
import type { Drift, TargetSplit } from '@model-canary/core/controller'
import { latest, type Mark, markText } from './mark.js'
import { driftOf, type SplitReading } from './read-split.js'

/** What is known while a split is ruled on. */
export interface Circumstances {
  /** The object, for messages, such as `VirtualService default/sentiment`. */
  readonly where: string
  /** What this process applied last. */
  readonly applied: Mark | undefined
  /** The name under which this process writes. */
  readonly by: string
  /** Whether this process began with nothing that was stored, and nothing of its own has been taken since. */
  readonly isNewcomer: boolean
  readonly onDrift: 'hold' | 'reassert'
}

/** What is to be done about a split: nothing is left to do, it is to be written, or it is not written and why. */
export type Ruling =
  | { readonly kind: 'in-force'; readonly mark: Mark }
  | { readonly kind: 'write'; readonly isReduction: boolean }
  | { readonly kind: 'refuse'; readonly drift: Drift; readonly error: CanaryError }

/**
 * Decides about a split over an object as it was read. Pure.
 *
 * Less canary is written over everything but a later rollout, and over that too by a process that begins with nothing: the epochs that it
 * counts are not the ones in the mark. More canary is written only over what is this rollout's own:
 * what the mark says, what this process applied, or, without either, what the store knows.
 */
export function ruleOn(split: TargetSplit, reading: SplitReading, circumstances: Circumstances): Ruling {
  const { weight, epoch, lastKnown } = split
  const { where, applied, onDrift, isNewcomer } = circumstances
  const { mark } = reading
  const before = latest(mark, applied)
  const isClean = isNewcomer && reading.weight === 0 // nothing is remembered, and nobody meets the canary

  const isLess = isReduction(split, reading, before)
  const overtaking = [mark, applied].find((known) => known !== undefined && known.epoch > epoch)
  if (overtaking !== undefined && !isClean && !(isNewcomer && isLess)) {
    const detail = `a later rollout (epoch ${overtaking.epoch}) has applied ${overtaking.weight} %`
    return refuse(reading, where, `${detail}; a split of epoch ${epoch} is not written over it.`, 'end the older one')
  }
  const isInForce = reading.weight === weight && mark?.weight === weight && mark.epoch === epoch && mark === before
  if (!isLess && mark !== undefined && mark === before && !isClean && isForeign(mark, split, circumstances)) {
    const detail = `another controller has applied ${mark.weight} %`
    return refuse(reading, where, `${detail}; ${weight} % is not written over it.`, 'end one of the two')
  }
  if (isInForce) return { kind: 'in-force', mark }
  if (isLess) return { kind: 'write', isReduction: true }
  const isRaise = weight > (reading.weight ?? 0)
  const known = lastKnown ?? (isNewcomer && isRaise ? 0 : undefined) // who begins with nothing has applied nothing
  const drift = driftOf(where, reading, applied, known)
  if (drift === null || reading.weight === weight || onDrift === 'reassert')
    return { kind: 'write', isReduction: false }
  const error = drifted(`${drift.message} ${weight} % is not written over it; put it back, or roll the rollout back`)
  return { kind: 'refuse', drift, error }
}

/**
 * Whether less canary is wanted, as the controller says or by the numbers: less than was applied, or nothing at all.
 * Never more than is in force, which would be more canary after all.
 */
function isReduction(split: TargetSplit, reading: SplitReading, before: Mark | undefined): boolean {
  const { weight, isReduction = weight === 0 || (before !== undefined && weight < before.weight) } = split
  return isReduction && (weight === 0 || weight <= (reading.weight ?? 0))
}

/**
 * Whether a mark is of a controller that knows more than this one, or that this one has never heard of.
 *
 * A process that begins with what its store holds finds the marks of the one before it; one that begins with nothing
 * and finds a canary in force finds a stranger's, be it at the very weight that it wants.
 */
function isForeign(mark: Mark, split: TargetSplit, { applied, by, isNewcomer }: Circumstances): boolean {
  const { weight, epoch, revision, lastKnown } = split
  if (mark.by === by || (applied !== undefined && markText(mark) === markText(applied))) return false
  if (isNewcomer) return true
  const isInformed = applied !== undefined || lastKnown !== undefined
  return isInformed && mark.epoch === epoch && mark.revision >= revision && mark.weight !== weight
}

function refuse({ weight }: SplitReading, where: string, message: string, advice: string): Ruling {
  const sentence = `${where}: ${message}`
  return {
    kind: 'refuse',
    drift: { weight, message: sentence },
    error: drifted(`${sentence} Wait for it, or ${advice}`),
  }
}

/**
 * What somebody else made of the split, as a watch tells it: also where a split that is under way is refused for it.
 * A split that is about to be taken is no drift, though it is not what was applied.
 */
export function driftWith(
  underWay: TargetSplit | undefined,
  reading: SplitReading,
  circumstances: Circumstances,
): Drift | null {
  const { where, applied } = circumstances
  if (underWay === undefined) return driftOf(where, reading, applied)
  const ruling = ruleOn(underWay, reading, circumstances)
  if (ruling.kind === 'refuse') return ruling.drift
  return reading.weight === underWay.weight ? null : driftOf(where, reading, applied, underWay.lastKnown ?? undefined)
}

/** What is in the cluster is not what this rollout made of it. */
export const drifted = (message: string): CanaryError => new CanaryError('ROUTE_DRIFTED', message)
