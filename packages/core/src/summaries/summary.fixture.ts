import fc from 'fast-check'
import { LARGEST_VALUE, type Moments } from '../statistics/moments.js'
import { BIN_COUNT, type SparseBins } from './histogram.js'
import { SCORE_BIN_COUNT } from './score-bins.js'
import type { SortedPairs } from './sorted-pairs.js'
import { emptySummary, type Summary, withLeftOut, withScoreBins } from './summary.js'

/** Counts that a recorder can reach, small ones more often. */
const count = fc.oneof(fc.nat(40), fc.nat(1_000_000), fc.integer({ min: 0, max: 2 ** 37 }))
const positive = count.map((some) => Math.max(1, some))

/** Values whose sums are no whole numbers, or are beyond them. */
const value = fc
  .oneof(
    fc.integer({ min: -1e9, max: 1e9 }),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -LARGEST_VALUE, max: LARGEST_VALUE }),
  )
  .map((some) => some + 0) // −0 becomes 0, as in a sum

const moments: fc.Arbitrary<Moments> = fc
  .tuple(positive, value, value)
  .map(([count, sum, square]) => ({ count, sum, sumOfSquares: Math.abs(square) }))
const noneOr = fc.oneof(fc.constant(emptySummary().score), moments)

/** Names as they come from outside, also those of every object. */
export const anyName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'other', '', '~', '.', 'é', '\ud800', '日本'),
  fc.string({ maxLength: 5, unit: 'binary' }),
  fc.string({ minLength: 60, maxLength: 64 }),
)

const outcomes = fc.record({
  success: count,
  error: count,
  timeout: count,
  aborted: count,
  rejected: count,
  ignored: count,
})

/** Summaries with everything that one can have, with labels and metrics of these names. */
export const summaries = (name: fc.Arbitrary<string> = anyName): fc.Arbitrary<Summary> =>
  fc
    .record({
      summary: fc.record({
        begun: count,
        outcomes,
        answers: fc.record({ decided: count, unanswered: count, ended: count, leftEarly: count }),
        rejections: fc.record({ callers: count, rejected: count }),
        latencyUs: noneOr,
        latencyBins: bins(BIN_COUNT),
        blockedUs: noneOr,
        pendingBins: bins(BIN_COUNT),
        predictions: fc.record({ labels: table(name, positive), other: count }),
        score: noneOr,
        metrics: table(name, moments),
      }),
      scoreBins: bins(SCORE_BIN_COUNT),
      leftOut: count,
    })
    .map(({ summary, scoreBins, leftOut }) => withLeftOut(withScoreBins(summary, scoreBins), leftOut))

/** Bins beside each other, and bins anywhere. */
const bins = (places: number): fc.Arbitrary<SparseBins> =>
  table(fc.oneof(fc.integer({ min: 700, max: 710 }), fc.nat(places - 1)), positive)

function table<Key extends string | number, Value>(
  keys: fc.Arbitrary<Key>,
  values: fc.Arbitrary<Value>,
): fc.Arbitrary<SortedPairs<Key, Value>> {
  return fc
    .uniqueArray(fc.tuple(keys, values), { selector: ([key]) => key, maxLength: 8 })
    .map((pairs) => pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
