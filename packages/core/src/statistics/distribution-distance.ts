import { total } from './total.js'

/** The smallest share of a class in the population stability index. */
const LEAST_SHARE = 1e-4

/**
 * Returns the total variation distance: the share of the predictions that would have to change class.
 *
 * Of these distances, only this one has a unit with a direct meaning. ½ Σ |p − q|, from 0 to 1.
 * Both tables list counts or shares of the same classes; `undefined` if one of them is empty.
 *
 * Levin, Peres (2017), *Markov Chains and Mixing Times*, 4.1.
 */
export function totalVariation(one: readonly number[], other: readonly number[]): number | undefined {
  return overClasses(one, other, (p, q) => Math.abs(p - q) / 2)
}

/**
 * Returns the population stability index, which is shown because it is widely known.
 *
 * Σ (p − q) ln(p/q); the customary limits of .1 and .25 control no error. A class that one side lacks would make it
 * infinite, so shares are at least 1e-4: such a class counts, by an amount that is a convention.
 * `undefined` if one of the tables is empty.
 *
 * Yurdakul, Naranjo (2020), *Statistical properties of the population stability index*, Journal of Risk Model
 * Validation 14.
 */
export function populationStability(one: readonly number[], other: readonly number[]): number | undefined {
  return overClasses(one, other, (share, otherShare) => {
    const p = Math.max(LEAST_SHARE, share)
    const q = Math.max(LEAST_SHARE, otherShare)
    return (p - q) * Math.log(p / q)
  })
}

/**
 * Returns the Jensen–Shannon divergence in nats: the information of one prediction about its version.
 *
 * ½ KL(p ‖ m) + ½ KL(q ‖ m) with m = (p + q)/2, from 0 to ln 2. A class that one side lacks needs no special
 * case: 0 ln 0 = 0. `undefined` if one of the tables is empty.
 *
 * Lin (1991), IEEE Transactions on Information Theory 37:145–151.
 */
export function jensenShannon(one: readonly number[], other: readonly number[]): number | undefined {
  return overClasses(one, other, (p, q) => (towards((p + q) / 2, p) + towards((p + q) / 2, q)) / 2)
}

/**
 * Returns the Hellinger distance, which gives more weight to rare classes than total variation does.
 *
 * √(½ Σ (√p − √q)²), from 0 to 1. `undefined` if one of the tables is empty.
 *
 * Hellinger (1909), Journal für die reine und angewandte Mathematik 136:210–271.
 */
export function hellinger(one: readonly number[], other: readonly number[]): number | undefined {
  const squared = overClasses(one, other, (p, q) => (Math.sqrt(p) - Math.sqrt(q)) ** 2 / 2)
  return squared === undefined ? undefined : Math.sqrt(squared)
}

/** Normalizes both tables to sum 1, and returns the sum of a function of two shares over the classes. */
function overClasses(
  one: readonly number[],
  other: readonly number[],
  term: (p: number, q: number) => number,
): number | undefined {
  const [oneTotal, otherTotal] = [total(one), total(other)]
  if (!(oneTotal > 0 && otherTotal > 0)) return undefined
  return one.reduce((sum, value, at) => sum + term(value / oneTotal, other[at]! / otherTotal), 0)
}

/** One class's part of KL(p ‖ m). */
const towards = (mixed: number, share: number): number => (share > 0 ? share * Math.log(share / mixed) : 0)
