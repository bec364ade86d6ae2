/**
 * Returns the nats a request, of both arms together, with which two equal shares show that neither is `margin` above
 * the other.
 *
 * It is the smallest divergence from a pair of shares that differ by the margin: min over q of
 * w·KL(p ‖ q + margin) + (1 − w)·KL(p ‖ q). No test of two samples gathers more on average. It is small where one
 * of the two has few requests.
 *
 * @param share the share in both arms, from 0 to 1
 * @param margin above 0; `share + margin` below 1
 * @param weight the canary's part of the requests, between 0 and 1
 */
export function shareInformation(share: number, margin: number, weight: number): number {
  const distance = (rate: number) => weight * divergence(share, rate + margin) + (1 - weight) * divergence(share, rate)
  const golden = (Math.sqrt(5) - 1) / 2
  let [low, high] = [1e-9, 1 - margin - 1e-9]
  for (let narrowing = 0; narrowing < 60; narrowing += 1) {
    const gap = golden * (high - low)
    if (distance(high - gap) < distance(low + gap)) high = low + gap
    else low = high - gap
  }
  return distance((low + high) / 2)
}

/**
 * Returns the same for a mean: margin²·w(1 − w) / 2σ².
 *
 * @param margin in the unit of the figure
 * @param deviation the standard deviation of one value, in the same unit
 */
export const meanInformation = (margin: number, deviation: number, weight: number): number =>
  (margin ** 2 * weight * (1 - weight)) / (2 * deviation ** 2)

/** Returns the Kullback–Leibler divergence of two shares, in nats. */
function divergence(p: number, q: number): number {
  const part = (of: number, to: number) => (of === 0 ? 0 : of * Math.log(of / to))
  return part(p, q) + part(1 - p, 1 - q)
}
