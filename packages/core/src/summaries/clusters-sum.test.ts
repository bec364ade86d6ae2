import { seededRandom } from '@model-canary/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CLUSTER_COUNT, type Clusters, mergeClusters } from './clusters.js'
import { createClustersSum } from './clusters-sum.js'
import { packClusters } from './packed-clusters.js'
import { checksumOf, createTextWriter } from './packed-text.js'
import { anyName } from './summary.fixture.js'

const places = (count: fc.Arbitrary<number>) => fc.array(count, { minLength: CLUSTER_COUNT, maxLength: CLUSTER_COUNT })
const counts = fc.oneof(
  places(fc.constant(0)),
  places(fc.nat(3)),
  places(fc.integer({ min: 900, max: 1_100 })),
  places(fc.integer({ min: 0, max: 2 ** 36 })),
)

const clustersWith = (name: fc.Arbitrary<string>): fc.Arbitrary<Required<Clusters>> =>
  fc.record({
    finished: counts,
    answered: counts,
    errors: counts,
    timeouts: counts,
    aborted: counts,
    decided: counts,
    unanswered: counts,
    latencyMs: counts.map((list) => list.map((us) => us / 1_000)),
    predictions: fc
      .uniqueArray(fc.tuple(name, counts), { selector: ([label]) => label, maxLength: 12 })
      .map((rows) => rows.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    predicted: counts,
  })

const commonName = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor')
const one = (count: number): readonly number[] => new Array(CLUSTER_COUNT).fill(count)

/** Calls of 100,000 users, all of which were answered, with twelve classes. */
function usual(requests: number): Required<Clusters> {
  const random = seededRandom(5)
  const scattered = (mean: number) => one(mean).map(() => Math.round(mean + Math.sqrt(mean) * (random() * 4 - 2)))
  const errors = scattered(requests / CLUSTER_COUNT / 100)
  const predictions = Array.from({ length: 12 }, (_, at) => {
    return [`class-${String.fromCharCode(97 + at)}`, scattered(requests / CLUSTER_COUNT / 12)] as const
  })
  const predicted = one(0).map((_, place) => predictions.reduce((sum, [, row]) => sum + row[place]!, 0))
  const finished = predicted.map((count, place) => count + errors[place]!)
  const latencyMs = finished.map((count) => Math.round(count * 40_000 * (0.95 + random() / 10)) / 1_000)
  const none = { timeouts: one(0), aborted: one(0) }
  return {
    ...none,
    finished,
    answered: finished,
    errors,
    decided: finished,
    unanswered: errors,
    latencyMs,
    predictions,
    predicted,
  }
}

describe('packed clusters', () => {
  it('are read back as they were, in the same order', () => {
    fc.assert(
      fc.property(clustersWith(anyName), (clusters) => {
        const sum = createClustersSum()
        expect(sum.add(packClusters(clusters))).toBe(true)
        expect(JSON.stringify(sum.clusters())).toBe(JSON.stringify(mergeClusters(clusters, clustersOf(0))))
        expect(sum.clusters()).toEqual(clusters)
      }),
    )
  })

  it('have zeros for calls that were not counted as decided', () => {
    const { decided: _, unanswered: __, ...older } = clustersOf(3)
    const sum = createClustersSum()
    sum.add(packClusters(older))
    expect(sum.clusters()).toEqual({ ...clustersOf(3), decided: one(0), unanswered: one(0) })
  })

  it('take less than 2 kB after 100,000 requests with twelve classes', () => {
    const { length } = packClusters(usual(100_000))
    expect(length).toBeLessThan(2_000)
    expect(length).toBeGreaterThan(1_000)
  })
})

const clustersOf = (count: number, ...labels: readonly string[]): Required<Clusters> => ({
  finished: one(count),
  answered: one(count),
  errors: one(count),
  timeouts: one(count),
  aborted: one(count),
  decided: one(count),
  unanswered: one(count),
  latencyMs: one(count),
  predictions: labels.map((label) => [label, one(count)] as const),
  predicted: one(count),
})

describe('the sum of packed clusters', () => {
  it('is that of the clusters', () => {
    const several = fc.array(clustersWith(commonName), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(several, (clusters) => {
        const sum = createClustersSum()
        for (const each of clusters) sum.add(packClusters(each))
        const expected = clusters.reduce<Clusters>(mergeClusters, clustersOf(0))
        const { latencyMs, ...counts } = sum.clusters()!
        expect({ ...counts, latencyMs: [] }).toEqual({ ...expected, latencyMs: [] })
        for (const [place, ms] of latencyMs.entries()) {
          expect(Math.abs(ms - expected.latencyMs[place]!)).toBeLessThanOrEqual(1e-12 * ms)
        }
      }),
    )
  })

  it('is null before anything was added, and after it was cleared', () => {
    const sum = createClustersSum()
    expect(sum.clusters()).toBeNull()
    sum.add(packClusters(clustersOf(1, 'a')))
    sum.clear()
    expect(sum.clusters()).toBeNull()
    sum.add(packClusters(clustersOf(1)))
    expect(sum.clusters()).toEqual(clustersOf(1))
  })

  it('keeps the first twelve labels, also where another process goes on', () => {
    const letters = [...'abcdefghijkl']
    const before = createClustersSum()
    before.add(packClusters(clustersOf(1, ...letters.slice(1))))
    const sum = createClustersSum({ labels: before.labels() })
    for (const labels of [['a', 'z'], letters]) sum.add(packClusters(clustersOf(1, ...labels)))
    expect(sum.labels()).toEqual([...letters.slice(1), 'a'])
    expect(sum.clusters()!.predictions[0]).toEqual(['a', one(2)])
    expect(sum.clusters()!.predictions).toHaveLength(12)
    expect(sum.clusters()!.predicted).toEqual(one(2))
  })
})

describe('a text that cannot be clusters', () => {
  const resealed = (clusters: Clusters, change: (content: string) => string): string => {
    const text = packClusters(clusters)
    const content = change(text.slice(0, text.lastIndexOf('.')))
    return `${content}.${checksumOf(content)}`
  }
  const some = clustersOf(3, 'a', 'b')

  /** Adds a text to a sum, and checks that it either changed nothing, or left counts. */
  const expectSafe = (text: string): boolean => {
    const sum = createClustersSum({ labels: ['c'] })
    sum.add(packClusters(some))
    const before = { clusters: sum.clusters(), labels: sum.labels() }
    const isAdded = sum.add(text)
    if (!isAdded) expect({ clusters: sum.clusters(), labels: sum.labels() }).toEqual(before)
    const { predictions, ...lists } = sum.clusters()!
    const isCount = (count: number) => count >= 0 && Number.isFinite(count)
    expect([...Object.values(lists), ...predictions.map(([, row]) => row)].flat().every(isCount)).toBe(true)
    return isAdded
  }

  it('is refused after any change on its way', () => {
    const at = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(clustersWith(anyName), at, fc.string({ minLength: 1, maxLength: 1 }), (clusters, place, other) => {
        const text = packClusters(clusters)
        const from = Math.floor(place * (text.length - 1))
        fc.pre(text[from] !== other)
        expect(expectSafe(text.slice(0, from) + other + text.slice(from + 1))).toBe(false)
        expect(expectSafe(text.slice(0, from))).toBe(false)
      }),
    )
  })

  it('changes nothing if it is refused, also with a checksum that fits', () => {
    const at = fc.double({ min: 0, max: 1, noNaN: true })
    let refused = 0
    fc.assert(
      fc.property(clustersWith(commonName), at, fc.constantFrom(...'012Aaz_.~'), (clusters, place, other) => {
        const text = resealed(clusters, (content) => {
          const from = Math.floor(place * content.length)
          return content.slice(0, from) + other + content.slice(from + 1)
        })
        if (!expectSafe(text)) refused++
      }),
      { numRuns: 300 },
    )
    expect(refused).toBeGreaterThan(50)
  })

  it.each<[string, string]>([
    ['no text', ''],
    ['a form alone', resealed(some, () => 'a')],
    ['packed counts', resealed(some, (content) => `A${content.slice(1)}`)],
    ['a number too much', resealed(some, (content) => content.replace('.a.b', '0.a.b'))],
    ['a number too few', resealed(some, (content) => content.replace(/.\.a\.b/, '.a.b'))],
    ['names in another order', resealed(some, (content) => content.replace('.a.b', '.b.a'))],
    ['thirteen labels', resealed(some, (content) => `aD${content.slice(2)}${'.x'.repeat(11)}`)],
    ['an unknown way of a list', resealed(some, (content) => `a23${content.slice(3)}`)],
    ['a reference before the first list', resealed(some, (content) => `a22${content.slice(3)}`)],
    ['a count above all that one process can count', packClusters({ ...some, finished: one(2 ** 41) })],
    ['a duration above all that one process can take', packClusters({ ...some, latencyMs: one(2 ** 41) })],
    ['null', null as unknown as string],
  ])('is refused: %s', (_, text) => {
    expect(expectSafe(text)).toBe(false)
  })

  it('is refused with fewer counts than the list that it refers to lacks', () => {
    const writer = createTextWriter()
    for (const number of [0, 0, 0, 2, 1, 0, 4]) writer.count(number) // no labels, nothing finished, one answered less
    for (let list = 2; list < 9; list++) for (const number of [0, 0]) writer.count(number)
    expect(expectSafe(writer.sealed('a'))).toBe(false)
  })
})
