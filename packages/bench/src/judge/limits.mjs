const factorials = [0]

/** ln(n!), by addition: exact enough for counts of replications. */
function logFactorial(n) {
  for (let next = factorials.length; next <= n; next++) factorials.push(factorials[next - 1] + Math.log(next))
  return factorials[n]
}

/** P(X ≥ hits) of a binomial X. */
function atLeast(hits, trials, p) {
  if (p <= 0) return hits === 0 ? 1 : 0
  if (p >= 1) return 1
  let sum = 0
  for (let count = hits; count <= trials; count++) {
    const ways = logFactorial(trials) - logFactorial(count) - logFactorial(trials - count)
    sum += Math.exp(ways + count * Math.log(p) + (trials - count) * Math.log1p(-p))
  }
  return sum
}

/** The root of a rising function of a probability, by bisection. */
function rootOf(rising) {
  let low = 0
  let high = 1
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2
    if (rising(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * Returns exact confidence limits of a proportion.
 *
 * Clopper and Pearson (1934), Biometrika 26:404–413.
 *
 * @param {number} hits
 * @param {number} trials
 * @param {number} [confidence]
 * @returns {{ low: number, high: number }}
 */
export function limitsOf(hits, trials, confidence = 0.95) {
  const tail = (1 - confidence) / 2
  return {
    low: hits === 0 ? 0 : rootOf((p) => atLeast(hits, trials, p) - tail),
    high: hits === trials ? 1 : rootOf((p) => tail - 1 + atLeast(hits + 1, trials, p)),
  }
}
