import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stickyStrategy } from '../routing/sticky.js'
import { CLUSTER_COUNT, type Clusters, clusterOf, mergeClusters } from './clusters.js'

const KEYS = 100_000

/** Pearson's chi-square of counts that should all be the same. */
function chiSquareOf(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

/** How many of many keys fall into each cluster. */
function countsOf(keyOf: (n: number) => string): readonly number[] {
  const counts = Array.from({ length: CLUSTER_COUNT }, () => 0)
  for (let n = 0; n < KEYS; n++) counts[clusterOf(keyOf(n))]! += 1
  return counts
}

describe('the cluster of a key', () => {
  // FNV-1a of the first three as published: 811c9dc5, e40c292c, bf9cf968
  it.each([
    ['', 25],
    ['a', 32],
    ['foobar', 52],
    ['user_123', 4],
    ['李雷', 24],
    ['\ud83d', 42],
  ])('of %j is %i for ever: counts of one version are merged with the next one’s', (key, cluster) => {
    expect(clusterOf(key)).toBe(cluster)
  })

  it.each<[string, (n: number) => string]>([
    ['names with a number', (n) => `user-${n}`],
    ['numbers', (n) => `${n}`],
    ['padded numbers', (n) => `${n}`.padStart(12, '0')],
    ['addresses', (n) => `ann.${n.toString(36)}@example.com`],
    ['Chinese names', (n) => String.fromCharCode(0x4e00 + (n % 317), 0x4e00 + Math.floor(n / 317) * 64)],
  ])('spreads 100,000 keys evenly: %s', (_, keyOf) => {
    // 63 degrees of freedom, p = 1e-6
    expect(chiSquareOf(countsOf(keyOf), KEYS / CLUSTER_COUNT)).toBeLessThan(131.37)
  })

  it.each(['', 'ranking'])('is independent of the sticky bucket, with the salt %j', async (salt) => {
    const strategy = await stickyStrategy({ salt })
    const cells = Array.from({ length: CLUSTER_COUNT * 10 }, () => 0)
    for (let n = 0; n < KEYS; n++) {
      const key = `user-${n}`
      cells[clusterOf(key) * 10 + Math.floor(strategy.bucketOf({ key })! / 1_000)]! += 1
    }
    const rows = Array.from({ length: CLUSTER_COUNT }, (_, row) => total(cells.slice(row * 10, row * 10 + 10)))
    const columns = Array.from({ length: 10 }, (_, column) => total(cells.filter((_, at) => at % 10 === column)))
    const chiSquare = cells.reduce((sum, count, at) => {
      const expected = (rows[Math.floor(at / 10)]! * columns[at % 10]!) / KEYS
      return sum + (count - expected) ** 2 / expected
    }, 0)
    expect(chiSquare).toBeLessThan(741.7) // 63 · 9 degrees of freedom, p = 1e-6
  })
})

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

/** Whole numbers throughout, durations included: their sums need no rounding. */
const list = fc.array(fc.nat(1_000), { minLength: 64, maxLength: 64 })
const clusters: fc.Arbitrary<Clusters> = fc.record(
  {
    finished: list,
    answered: list,
    errors: list,
    timeouts: list,
    aborted: list,
    latencyMs: list,
    predictions: fc
      .uniqueArray(fc.tuple(fc.constantFrom('__proto__', 'a', 'b', 'constructor'), list), {
        selector: ([name]) => name,
      })
      .map((pairs) => pairs.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    predicted: list,
  },
  { noNullPrototype: true },
)

describe('merging', () => {
  const counted = (cluster: number, value: number) =>
    Array.from({ length: 64 }, (_, at) => (at === cluster ? value : 0))
  const of = (cluster: number, label: string): Clusters => ({
    finished: counted(cluster, 9),
    answered: counted(cluster, 8),
    errors: counted(cluster, 3),
    timeouts: counted(cluster, 2),
    aborted: counted(cluster, 1),
    latencyMs: counted(cluster, 80.5),
    predictions: [[label, counted(cluster, 4)]],
    predicted: counted(cluster, 5),
  })

  it('adds up place by place, and label by label', () => {
    const merged = mergeClusters(of(7, '__proto__'), of(7, 'cat'))
    expect(merged).toMatchObject({ finished: counted(7, 18), latencyMs: counted(7, 161), predicted: counted(7, 10) })
    expect(merged.predictions).toEqual([
      ['__proto__', counted(7, 4)],
      ['cat', counted(7, 4)],
    ])
    expect(mergeClusters(of(7, 'cat'), of(7, 'cat')).predictions).toEqual([['cat', counted(7, 8)]])
  })

  describe('properties', () => {
    it('is commutative', () => {
      fc.assert(
        fc.property(clusters, clusters, (a, b) => {
          expect(mergeClusters(a, b)).toEqual(mergeClusters(b, a))
        }),
        { numRuns: 30 },
      )
    })

    it('is associative', () => {
      fc.assert(
        fc.property(clusters, clusters, clusters, (a, b, c) => {
          expect(mergeClusters(mergeClusters(a, b), c)).toEqual(mergeClusters(a, mergeClusters(b, c)))
        }),
        { numRuns: 30 },
      )
    })

    it('survives a round trip through JSON', () => {
      fc.assert(
        fc.property(clusters, (a) => {
          expect(JSON.parse(JSON.stringify(a))).toEqual(a)
        }),
        { numRuns: 30 },
      )
    })
  })
})
