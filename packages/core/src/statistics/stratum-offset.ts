import { total } from './total.js'

/** The number of requests of each stratum, and how many were hits, or the sum of their values. */
export type StratumSums = readonly [counts: readonly number[], sums: readonly number[]]

/** What is known of the strata before a split: two generations of counts, one after the other. */
export interface StratumPast {
  readonly older: StratumSums | null
  readonly newer: StratumSums | null
  /** The variance of one value; left out for a share r, whose variance is r(1 − r). */
  readonly variance?: number
}

/** A past with both generations. */
interface TwoGenerations extends StratumPast {
  readonly older: StratumSums
  readonly newer: StratumSums
}

/** The difference of the arms that comes from their users, not from their versions. Plain JSON. */
export interface StratumOffset {
  /** What is expected of the canary's figure less the baseline's if the versions are the same. */
  readonly offset: number
  /** The variance of what is left of the users' difference besides the offset, at the end of the past. */
  readonly variance: number
  /** The variance that is added when as much time has passed as lies between the middles of the two generations. */
  readonly drift: number
  /** The greatest variance that is added, however old the past is. */
  readonly mostDrift: number
}

/** Why no offset can be had. */
export type NoStratumOffset = 'no past' | 'too few strata'

/**
 * The fewest strata with requests: of the baseline five, of the canary one. The canary's strata are compared with
 * themselves, however few they are; their error is in the slack. The baseline is what all others are like.
 */
const FEWEST_STRATA = { canary: 1, baseline: 5 }

/** With requests that are spread like those of fewer strata of equal size, the strata do not show how much users differ. */
const FEWEST_EFFECTIVE_STRATA = 8

/**
 * The drift adds at most this many times the variance of the users' difference. Two of them are the offset's own and
 * that of the users who came; with four, the true difference was beyond the slack in .2 % of simulated pasts of 24 h.
 */
const MOST_DRIFT = 4

const alike: StratumOffset = /* @__PURE__ */ Object.freeze({ offset: 0, variance: 0, drift: 0, mostDrift: 0 })

/**
 * Returns how much the users of the two arms differ, from the time when one version served them all.
 *
 * The strata keep their users, and the split gives whole strata to the canary, so that the difference of the two groups
 * was visible before the split. The offset is that difference, shrunk towards 0 as far as chance explains it; `slackOf`
 * is its error.
 *
 * The offset and its error are 0 if chance explains all differences between the strata. The shrinkage k is the best
 * linear predictor of a random effect (Robinson, 1991, That BLUP is a good thing, Statistical Science 6:15–32). If few
 * users make most of the requests, the variance of that effect is not known: the offset is the whole difference, and its
 * error is all that chance leaves of it.
 *
 * @param weight the canary's share, in percent: the canary gets the first strata
 */
export function stratumOffset(past: StratumPast, weight: number): StratumOffset | NoStratumOffset {
  const { older, newer } = past
  if (older === null || newer === null || total(older[0]) === 0 || total(newer[0]) === 0) return 'no past'
  const [counts] = addSums(older, newer)
  const border = borderOf(counts.length, weight)
  if (border === undefined) return 'too few strata'
  const [inCanary, inBaseline] = filledOn(counts, border)
  if (inCanary < FEWEST_STRATA.canary || inBaseline < FEWEST_STRATA.baseline) return 'too few strata'
  const figures = stratumFigures({ ...past, older, newer }, border)
  const { drift, splitVariance } = figures
  const mostDrift = Math.max(drift, MOST_DRIFT * splitVariance)
  if (effectiveStrata(counts) < FEWEST_EFFECTIVE_STRATA)
    return { offset: figures.raw, variance: figures.priorVariance, drift, mostDrift }
  if (!(figures.excess > figures.mostByChance)) return alike
  return { offset: figures.offset, variance: figures.shrunkVariance, drift, mostDrift }
}

/**
 * Returns the standard deviation of what is left of the users' difference besides the offset: what chance leaves of it,
 * and how far the users have drifted apart since. Users who were all replaced differ like two other random groups, so
 * that the drift does not grow without end.
 *
 * @param elapsedRatio the time since the end of the past, over the distance of the middles of its two generations
 */
export const slackOf = ({ variance, drift, mostDrift }: Omit<StratumOffset, 'offset'>, elapsedRatio: number): number =>
  Math.sqrt(variance + Math.min(mostDrift, drift * Math.max(1, elapsedRatio)))

/** The figures from which an offset follows. */
export interface StratumFigures {
  /** The share of hits, or the mean, of all strata together. */
  readonly rate: number
  /** q: the sum of the squared excesses (x − rn)/N of the strata. */
  readonly excess: number
  /** v/N: the part of q that chance explains. */
  readonly chance: number
  /** The greatest q that is attributed to chance: two standard deviations above v/N. */
  readonly mostByChance: number
  /** The canary's figure in the past less the baseline's. */
  readonly raw: number
  /** V_pre: the variance of `raw` by chance. */
  readonly priorVariance: number
  /** V_D: the variance of the users' difference between two random groups of strata. */
  readonly splitVariance: number
  /** k: the part of `raw` that comes from the users. */
  readonly shrinkage: number
  /** k · `raw`. */
  readonly offset: number
  /** k · V_pre: the variance of the users' difference around the offset. */
  readonly shrunkVariance: number
  /** An upper estimate of the variance of the users' difference that came from one generation to the next. */
  readonly drift: number
}

/** Returns the figures of a past in which the first `border` strata are those of the canary. */
export function stratumFigures(past: TwoGenerations, border: number): StratumFigures {
  const { older, newer, variance } = past
  const [counts, sums] = addSums(older, newer)
  const requests = total(counts)
  const rate = total(sums) / requests
  const v = variance ?? rate * (1 - rate)
  const share = border / counts.length
  const between = share * (1 - share)
  const canary = total(counts.slice(0, border))
  const baseline = requests - canary
  const canarySum = total(sums.slice(0, border))

  const excess = sumOfSquares(excessesOf([counts, sums]))
  const chance = v / requests
  const raw = canarySum / canary - (rate * requests - canarySum) / baseline
  const priorVariance = v * (1 / canary + 1 / baseline)
  const splitVariance = Math.max(0, excess - chance) / between
  const shrinkage = splitVariance > 0 ? splitVariance / (splitVariance + priorVariance) : 0
  return {
    rate,
    excess,
    chance,
    mostByChance: chance * (1 + 2 * Math.sqrt(2 / (effectiveStrata(counts) - 1))),
    raw,
    priorVariance,
    splitVariance,
    shrinkage,
    offset: shrinkage * raw,
    shrunkVariance: shrinkage * priorVariance,
    drift: driftOf(past, rate, border),
  }
}

/**
 * Returns an upper estimate of the variance of the arms' difference that came from one generation to the next: the
 * smaller of two. If the excess of stratum s moved by δ_s, it is Σ_C δ²/a² + Σ_B δ²/(1 − a)², where a is the part of the
 * requests in the canary's strata C.
 *
 * The first takes each stratum as it moved. The second takes all strata together, as if their rates moved alike, so that
 * δ² is proportional to A², the square of the stratum's traffic. It has less error, unless one stratum has most of it.
 */
function driftOf(past: TwoGenerations, rate: number, border: number): number {
  const [counts] = addSums(past.older, past.newer)
  const part = total(counts.slice(0, border)) / total(counts)
  const inArms = counts.map((_, at) => 1 / (at < border ? part : 1 - part) ** 2)
  const traffic = counts.map((count) => count ** 2)
  const ofAlike = total(traffic.map((squared, at) => squared * inArms[at]!)) / total(traffic)
  const alike = counts.map(() => 1)
  const changes = changesOf(past, rate)
  return Math.min(upperSum(changes, inArms), ofAlike * upperSum(changes, alike))
}

/** How far the excess of a stratum moved from one generation to the next. */
interface Change {
  readonly squared: number
  /** The variance of the change by chance. */
  readonly byChance: number
}

/**
 * Returns the changes of the excesses. By chance, a change has the variance σ² = v(n/N² + n'/N'²). Of a share, v is the
 * mean square of y − r in the stratum, ρ(1 − 2r) + r² at its rate ρ, since requests come at random: a stratum that fails
 * more often than others varies more. Of a mean, v is that of all requests.
 *
 * An excess has the traffic of its stratum in it, so a stratum whose requests became more or fewer has moved too. If
 * the traffic of every stratum stays the same, Σ e² is Σ A²(d − d̄)², where A is the traffic and d the change of rate.
 */
function changesOf({ older, newer, variance }: TwoGenerations, rate: number): readonly Change[] {
  const [before, after] = [excessesOf(older), excessesOf(newer)]
  const [olderRequests, newerRequests] = [total(older[0]), total(newer[0])]
  return after.map((excess, at) => {
    const own = (older[1][at]! + newer[1][at]!) / Math.max(1, older[0][at]! + newer[0][at]!)
    const v = variance ?? own * (1 - 2 * rate) + rate ** 2
    const byChance = v * (older[0][at]! / olderRequests ** 2 + newer[0][at]! / newerRequests ** 2)
    return { squared: (excess - before[at]!) ** 2, byChance }
  })
}

/**
 * Returns an upper estimate of Σ fδ², where δ² is the part of a squared change that chance does not explain.
 *
 * Σ f(e² − σ²) estimates it. Added is one standard error: e² of a normal variable has the variance 2σ⁴ + 4σ²δ² (a
 * noncentral χ²; Johnson, Kotz and Balakrishnan, 1995, Continuous Univariate Distributions 2, chapter 29). As e² − σ²
 * estimates δ², that is 4σ²e² − 2σ⁴, and in the sum at least the 2σ⁴ of strata that did not move. The error is added to
 * an estimate of at least 0: with 0 for both, one past in six would seem to last for ever.
 */
function upperSum(changes: readonly Change[], factors: readonly number[]): number {
  let moved = 0
  let squaredError = 0
  let leastSquaredError = 0
  for (const [at, { squared, byChance }] of changes.entries()) {
    const factor = factors[at]!
    moved += factor * (squared - byChance)
    squaredError += factor ** 2 * (4 * byChance * squared - 2 * byChance ** 2)
    leastSquaredError += factor ** 2 * (2 * byChance ** 2)
  }
  return Math.max(0, moved) + Math.sqrt(Math.max(squaredError, leastSquaredError))
}

/** Returns how many strata of equal size would have the same Σ n²: N² / Σ n². */
const effectiveStrata = (counts: readonly number[]): number => total(counts) ** 2 / sumOfSquares(counts)

/** Returns the number of the canary's strata; `undefined` if the weight is not a whole number of strata. */
function borderOf(strata: number, weight: number): number | undefined {
  const border = Math.round((strata * weight) / 100)
  return Math.abs(border - (strata * weight) / 100) < 1e-9 ? border : undefined
}

/** Returns how many strata of each arm have requests. */
function filledOn(counts: readonly number[], border: number): readonly [canary: number, baseline: number] {
  const filled = (part: readonly number[]) => part.filter((count) => count > 0).length
  return [filled(counts.slice(0, border)), filled(counts.slice(border))]
}

/** Returns (x − rn)/N of each stratum. */
function excessesOf([counts, sums]: StratumSums): readonly number[] {
  const requests = total(counts)
  const rate = total(sums) / requests
  return sums.map((sum, at) => (sum - rate * counts[at]!) / requests)
}

const addSums = ([counts, sums]: StratumSums, [moreCounts, moreSums]: StratumSums): StratumSums => [
  counts.map((count, at) => count + moreCounts[at]!),
  sums.map((sum, at) => sum + moreSums[at]!),
]

const sumOfSquares = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0)
