import { CanaryError, isCanaryError } from '@model-canary/core'
import type { Drift, TargetSplit } from '@model-canary/core/controller'
import { type Confirming, confirm, untilTakenUp } from './confirm.js'
import { latest, type Mark } from './mark.js'
import type { SplitReading } from './read-split.js'
import { type Circumstances, drifted, fenceAfter, ruleOn } from './ruling.js'
import { type Footing, pointedElsewhere } from './subsets.js'

/** What a split is applied with. */
export interface Applying extends Confirming {
  /** The DestinationRule that defines which pods the destinations are, if the target was given one. */
  readonly footing: Footing | undefined
  /** Returns what this process knows now. */
  readonly circumstances: () => Circumstances
  /** Called before a split is refused because of the route or its footing. */
  readonly onRefusal: (drift: Drift, of: 'route' | 'footing') => void
}

/** How often an increase is retried after write conflicts. */
const MOST_CONFLICTS = 5

/** How often a rollback is retried after write conflicts. */
const MOST_CONFLICTS_AT_ZERO = 50

/**
 * Applies a split, and resolves to the mark that is then in the object. After a write conflict it reads the object and
 * decides again.
 */
export async function applySplit(applying: Applying, split: TargetSplit, signal: AbortSignal): Promise<Mark> {
  const most = split.weight === 0 ? MOST_CONFLICTS_AT_ZERO : MOST_CONFLICTS
  for (let conflicts = 0; conflicts <= most; conflicts += 1) {
    try {
      return await attempt(applying, split, signal)
    } catch (error) {
      if (!isCanaryError(error, 'KUBE_CONFLICT')) throw error
    }
  }
  throw new CanaryError(
    'KUBE_CONFLICT',
    `${applying.route.where} is being written by other clients all the time; check which controllers write it`,
  )
}

/** Reads, decides, writes with the version that was read, and reads back, once. */
async function attempt(applying: Applying, split: TargetSplit, signal: AbortSignal): Promise<Mark> {
  const { route, circumstances } = applying
  const { weight, epoch, revision } = split
  const object = await route.get(signal)
  const reading = route.splitIn(object)
  const { applied, by, isNewcomer } = circumstances()
  const before = latest(reading.mark, applied)
  const ruling = ruleOn(split, reading, circumstances())
  if (ruling.kind === 'refuse') return refuse(applying, ruling.drift, 'route', ruling.error)
  if (ruling.kind === 'in-force') {
    await untilTakenUp(applying, object, weight, signal)
    return ruling.mark
  }
  const isMore = weight > 0 && !ruling.isReduction
  const selects = isMore ? await groundFor(applying, split, reading, signal) : before?.selects
  const fence = fenceAfter(split, before, isNewcomer)
  const mark: Mark = {
    ...{ weight, epoch, revision: Math.max(revision, (before?.revision ?? 0) + 1), by },
    ...(fence !== undefined && { fence }),
    ...(selects !== undefined && { selects }),
  }
  const isStranger = isNewcomer && ruling.isReduction && reading.weight !== 0 && reading.mark?.by !== by
  // a reduction by another controller keeps the mark, so that the mark's own rollout sees it as drift
  await route.write(object, weight, isStranger ? reading.mark : mark, signal)
  await confirm(applying, mark, signal).catch(unknownIfInForce)
  return mark
}

/** Throws the error of a split that was written and not confirmed, which may be in force. */
function unknownIfInForce(error: unknown): never {
  throw error instanceof Error ? Object.assign(error, { mayBeInForce: true }) : error
}

/** Checks the DestinationRule before an increase, and resolves to what its subsets select. */
async function groundFor(
  applying: Applying,
  split: TargetSplit,
  reading: SplitReading,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { footing, circumstances } = applying
  if (footing === undefined) return undefined
  const before = latest(reading.mark, circumstances().applied)
  if (before?.epoch !== split.epoch || !reading.weight) return footing.prepare(reading, signal)
  const now = await footing.read(signal)
  if (before.selects === undefined || before.selects === now) return now
  const message = pointedElsewhere(footing, now, before.selects)
  const advice = `${split.weight} % is not written; restore the labels, or roll back`
  return refuse(applying, { weight: reading.weight, message }, 'footing', drifted(`${message} ${advice}`))
}

function refuse({ onRefusal }: Applying, drift: Drift, of: 'route' | 'footing', error: CanaryError): never {
  onRefusal(drift, of)
  throw error
}
