import { figure } from '../figures.js'
import type { StepContext } from '../judge.js'
import { logSampleRatioEvidence } from '../sample-ratio.js'
import type { Evidence } from './evidence.js'

/** Evidence against the planned split beyond which nothing is promoted. */
const NEEDED = 100

/**
 * Says that requests arrive, or end, in other shares than they should; `undefined` where they do not.
 *
 * A random split is held against its weight. A sticky one splits users and not requests, so there the
 * flights that ended or are under way are held against those that began: a canary that loses its answers shows in them.
 */
export function splitMismatch(
  { begun, accounted }: Evidence,
  { weight, calibration }: StepContext,
): string | undefined {
  if (!(weight > 0 && weight < 100)) return undefined
  const { unit = 'request' } = calibration
  const all = begun.baseline + begun.canary
  const counts = unit === 'request' ? begun : accounted
  const planned = unit === 'request' ? weight / 100 : begun.canary / all
  const counted = counts.baseline + counts.canary
  if (counted === 0 || !(planned > 0 && planned < 1)) return undefined
  if (logSampleRatioEvidence(counts, planned) < Math.log(NEEDED)) return undefined
  const share = `${figure((100 * counts.canary) / counted)} %`
  return unit === 'request'
    ? `the canary got ${share} of ${counted} requests, ${figure(weight)} % were planned: they are lost or split elsewhere`
    : `the canary accounts for ${share} of ${counted} requests and began ${figure(100 * planned)} %: its answers get lost`
}
