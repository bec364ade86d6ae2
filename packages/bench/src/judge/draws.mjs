/**
 * A standard normal number, by Box and Muller (1958).
 *
 * @param {() => number} random
 */
export function gaussian(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/**
 * Lognormal latencies by their mean; `sigma` is the standard deviation of the logarithm.
 *
 * @param {number} meanMs
 * @param {number} [sigma]
 * @returns {(random: () => number) => number}
 */
export function lognormal(meanMs, sigma = 0.7) {
  const mu = Math.log(meanMs) - sigma ** 2 / 2
  return (random) => Math.exp(mu + sigma * gaussian(random))
}

/**
 * Latencies of two kinds: `share` of the second, the rest of the first.
 *
 * @param {(random: () => number) => number} most
 * @param {(random: () => number) => number} few
 * @param {number} share
 * @returns {(random: () => number) => number}
 */
export function mixture(most, few, share) {
  return (random) => (random() < share ? few(random) : most(random))
}

/**
 * Labels by their shares, which sum to 1.
 *
 * @param {Readonly<Record<string, number>>} shares
 * @returns {(random: () => number) => string}
 */
export function labels(shares) {
  const names = Object.keys(shares)
  const last = names.length - 1
  return (random) => {
    let left = random()
    for (let at = 0; at < last; at++) {
      left -= shares[names[at]]
      if (left < 0) return names[at]
    }
    return names[last]
  }
}

/**
 * P(Z > z) of a standard normal Z: its Taylor series near 0, Laplace's continued fraction in the tail.
 *
 * Abramowitz and Stegun (1964), 26.2.11 and 26.2.14.
 *
 * @param {number} z
 */
export function normalTail(z) {
  if (z < 0) return 1 - normalTail(-z)
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  if (z < 3) {
    let term = z
    let sum = z
    for (let odd = 3; term > sum * 1e-16; odd += 2) {
      term *= (z * z) / odd
      sum += term
    }
    return 0.5 - density * sum
  }
  let fraction = z
  for (let level = 100; level >= 1; level--) fraction = z + level / fraction
  return density / fraction
}
