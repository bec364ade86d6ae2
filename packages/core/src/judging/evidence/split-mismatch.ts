import type { ByVariant } from '../../foundation/vocabulary.js'
import { figure } from '../../guardrails/figures.js'
import { logSampleRatioEvidence } from '../../statistics/sample-ratio.js'
import type { StepContext } from '../judge.js'
import type { Evidence } from './evidence.js'
import type { EvidencePolicy } from './policy.js'

/** The e-value against the planned split from which a deviation is not attributed to chance. */
const NEEDED = 100

/** The default tolerance: this fraction, or this part of the smaller share if that is less. */
const TOLERANCE = 0.02
const TOLERANCE_PART = 0.25

/** The multiple of the tolerance beyond which nothing is promoted. */
const HELD_FROM = 2

/** A deviation from the planned split. */
export interface SplitMismatch {
  readonly message: string
  /** Whether it is so large that nothing is promoted. */
  readonly isHeld: boolean
}

/**
 * Returns a significant deviation of the arms' shares from what they should be; `undefined` if there is none, or if it
 * is within the tolerance. Health checks that bypass the split and retries of a mesh cause small, harmless deviations.
 *
 * The begun requests of a random split are compared with its weight, by `logSampleRatioEvidence`. A sticky split
 * divides users and not requests. There the flights that ended or are pending are compared with those that began, which
 * shows a canary whose calls get lost.
 */
export function splitMismatch(
  { begun, accounted, unpaired }: Evidence,
  { weight, calibration }: StepContext,
  { splitTolerance }: Pick<EvidencePolicy, 'splitTolerance'>,
): SplitMismatch | undefined {
  if (!(weight > 0 && weight < 100)) return undefined
  const { unit = 'request' } = calibration
  const all = begun.baseline + begun.canary
  const counts = unit === 'request' ? without(begun, unpaired.begun) : accounted
  const planned = unit === 'request' ? weight / 100 : begun.canary / all
  const counted = counts.baseline + counts.canary
  if (counted === 0 || !(planned > 0 && planned < 1)) return undefined
  if (logSampleRatioEvidence(counts, planned) < Math.log(NEEDED)) return undefined
  const tolerance = splitTolerance ?? Math.min(TOLERANCE, TOLERANCE_PART * Math.min(planned, 1 - planned))
  const deviation = Math.abs(counts.canary / counted - planned)
  if (deviation <= tolerance) return undefined
  const share = `${figure((100 * counts.canary) / counted)} %`
  const message =
    unit === 'request'
      ? `the canary got ${share} of ${counted} requests, ${figure(weight)} % were planned: they are lost or split elsewhere`
      : `the canary accounts for ${share} of ${counted} requests and began ${figure(100 * planned)} %: its answers get lost`
  return { message, isHeld: deviation > HELD_FROM * tolerance }
}

const without = (all: ByVariant<number>, waiting: ByVariant<number>): ByVariant<number> => ({
  baseline: all.baseline - waiting.baseline,
  canary: all.canary - waiting.canary,
})
