import type { ByVariant } from '../../foundation/vocabulary.js'
import type { Hypothesis } from '../../guardrails/hypothesis.js'
import { addChange, addDifference, isEnough } from '../../statistics/difference-dispersion.js'
import { noSpread, type Spread } from '../../statistics/dispersion.js'
import { type Moments, mergeMoments, noMoments, varianceOf } from '../../statistics/moments.js'

/** How many times noisier the arms are than independent requests. */
export interface Dispersion {
  /** With all of the baseline's past. */
  readonly whole: number
  /** Without the two largest changes in the baseline's past, which one incident makes. */
  readonly trimmed: number
}

/** How much the difference of the arms varies from window to window in this rollout. Plain JSON. */
export interface WindowNoise {
  /** Of the baseline before the rollout. */
  readonly past: Dispersion
  /** Both arms since the last window that counted. */
  readonly window: ByVariant<Moments>
  /** The last window that counted in this step; `null` before the first. */
  readonly last: ByVariant<Moments> | null
  readonly differences: Spread
}

const noArms: ByVariant<Moments> = { baseline: noMoments, canary: noMoments }

/** The dispersion if nothing is known: that of independent requests. */
export const noDispersion: Dispersion = { whole: 1, trimmed: 1 }

/** Returns the noise at the start of a rollout. */
export const startNoise = (past: Dispersion): WindowNoise => ({
  past,
  window: noArms,
  last: null,
  differences: noSpread,
})

/** Returns the noise with what arrived. */
export const withArrived = (
  { past, window, last, differences }: WindowNoise,
  came: ByVariant<Moments>,
): WindowNoise => ({
  past,
  window: {
    baseline: mergeMoments(window.baseline, came.baseline),
    canary: mergeMoments(window.canary, came.canary),
  },
  last,
  differences,
})

/** Returns the noise at a tick. A window with too few requests goes on. */
export function closeWindow(noise: WindowNoise, { limit }: Pick<Hypothesis, 'limit'>, usual: Moments): WindowNoise {
  const { window, last, differences } = noise
  const isAlone = limit !== null // the canary is compared with the limit, and the baseline does not count
  if (!(isAlone ? isEnough(window.canary) : isEnough(window.baseline) && isEnough(window.canary))) return noise
  const variance = varianceOf(usual) ?? 0
  const added =
    last === null
      ? differences
      : isAlone
        ? addChange(differences, last.canary, window.canary, variance)
        : addDifference(differences, last, window, variance)
  return { ...noise, window: noArms, last: window, differences: added }
}

/** Returns the noise at another weight: the first window there is not compared with the last one before. */
export const beginStretch = (noise: WindowNoise): WindowNoise => ({ ...noise, window: noArms, last: null })
