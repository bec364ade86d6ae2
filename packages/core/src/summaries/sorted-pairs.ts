/** Values in ascending order of unique keys: the JSON form of every table in a summary. */
export type SortedPairs<Key extends string | number, Value> = readonly (readonly [key: Key, value: Value])[]

/** Merges two tables; values with the same key are combined by `add`. */
export function mergePairs<Key extends string | number, Value>(
  a: SortedPairs<Key, Value>,
  b: SortedPairs<Key, Value>,
  add: (a: Value, b: Value) => Value,
): SortedPairs<Key, Value> {
  if (b.length === 0) return a
  if (a.length === 0) return b
  const merged: (readonly [Key, Value])[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const left = a[i]!
    const right = b[j]!
    if (left[0] === right[0]) merged.push([left[0], add(left[1], right[1])])
    else merged.push(left[0] < right[0] ? left : right)
    if (left[0] <= right[0]) i++
    if (right[0] <= left[0]) j++
  }
  for (; i < a.length; i++) merged.push(a[i]!)
  for (; j < b.length; j++) merged.push(b[j]!)
  return merged
}

/**
 * Returns what was added to a table since `before`, without unchanged keys.
 * `undefined` if a key is missing, or if `subtract` returns `undefined` because a value fell.
 */
export function subtractPairs<Key extends string | number, Value>(
  now: SortedPairs<Key, Value>,
  before: SortedPairs<Key, Value>,
  subtract: (now: Value, before: Value) => Value | undefined,
  isNothing: (value: Value) => boolean,
): SortedPairs<Key, Value> | undefined {
  if (now === before) return [] // taken over, so that nothing has changed
  const added: (readonly [Key, Value])[] = []
  let i = 0
  for (const pair of now) {
    const earlier = before[i]
    if (earlier?.[0] !== pair[0]) {
      added.push(pair)
      continue
    }
    i++
    if (pair === earlier) continue // taken over, so that it has not changed
    const difference = subtract(pair[1], earlier[1])
    if (difference === undefined) return undefined
    if (!isNothing(difference)) added.push([pair[0], difference])
  }
  return i === before.length ? added : undefined
}

/** Returns the sum of two counts. */
export function addCounts(a: number, b: number): number {
  return a + b
}

/** Returns the increase of a count, or `undefined` if it fell. */
export function subtractCounts(now: number, before: number): number | undefined {
  return now >= before ? now - before : undefined
}

/** Returns whether a count is zero. */
export function isZero(count: number): boolean {
  return count === 0
}
