import type { ByVariant } from '../../foundation/vocabulary.js'
import { figure } from '../../guardrails/figures.js'
import { logSampleRatioEvidence } from '../../statistics/sample-ratio.js'
import type { StepContext } from '../judge.js'
import type { Evidence } from './evidence.js'
import type { EvidencePolicy } from './policy.js'

/** Evidence against the planned split beyond which it is not taken for chance. */
const NEEDED = 100

/** What is tolerated unless told otherwise: so many points, or such a part of the smaller share. */
const TOLERANCE = 0.02
const TOLERANCE_PART = 0.25

/** Beyond so many times the tolerance nothing is promoted. */
const HELD_FROM = 2

/** Requests in other shares than planned. */
export interface SplitMismatch {
  readonly message: string
  /** Whether it is too large to promote anything. */
  readonly isHeld: boolean
}

/**
 * Says that requests arrive, or end, in other shares than they should; `undefined` where they do not, or by no more than
 * is tolerated: health checks that come history the split and the retries of a mesh move it a little, and harm nobody.
 *
 * A random split is held against its weight. A sticky one splits users and not requests, so there the
 * flights that ended or are under way are held against those that began: a canary that loses its answers shows in them.
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
