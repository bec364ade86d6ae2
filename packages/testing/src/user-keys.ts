/** A population of users in which a few users make most of the requests. */
export interface UserKeysOptions {
  /** @default 10_000 */
  readonly users?: number
  /** The share of user k is proportional to k to the power of minus this. With 0 all users are equal. @default 1.1 */
  readonly exponent?: number
  /** The fraction of requests that carry no key. @default 0 */
  readonly missing?: number
}

/** Returns a function that draws the keys of Zipf-distributed users. */
export function userKeys({ users = 10_000, exponent = 1.1, missing = 0 }: UserKeysOptions = {}) {
  const cumulative = new Float64Array(users)
  let sum = 0
  for (let user = 0; user < users; user += 1) {
    sum += (user + 1) ** -exponent
    cumulative[user] = sum
  }
  return (random: () => number): string | undefined => {
    if (missing > 0 && random() < missing) return undefined
    return `user-${indexOf(cumulative, random() * sum)}`
  }
}

/** Returns the index of the first entry above a value, by bisection. */
function indexOf(cumulative: Float64Array, value: number): number {
  let low = 0
  let high = cumulative.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (cumulative[middle]! > value) high = middle
    else low = middle + 1
  }
  return low
}
