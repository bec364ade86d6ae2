import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByVariant, OUTCOMES } from '../foundation/vocabulary.js'
import { type CountsSum, type CountsSumOptions, createCountsSum } from './counts-sum.js'
import { COUNTS_FORM, PLAIN_COUNTS, packCounts } from './packed-counts.js'
import { checksumOf, createTextWriter } from './packed-text.js'
import { readSummary } from './read-summary.js'
import { summaries } from './summary.fixture.js'
import { emptySummary, mergeSummaries, type Summary, subtractSummaries } from './summary.js'
import { LONGEST_TEXT } from './text-reader.js'

const arms = (name?: fc.Arbitrary<string>): fc.Arbitrary<ByVariant<Summary>> =>
  fc.record({ baseline: summaries(name), canary: summaries(name) })

/** Names that many processes have in common. */
const commonName = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '__proto__', 'constructor')

const nothing = { baseline: emptySummary(), canary: emptySummary() }

const merged = (a: ByVariant<Summary>, b: ByVariant<Summary>): ByVariant<Summary> => ({
  baseline: mergeSummaries(a.baseline, b.baseline),
  canary: mergeSummaries(a.canary, b.canary),
})

function sumOf(counts: readonly ByVariant<Summary>[], options: Partial<CountsSumOptions> = {}): CountsSum {
  const sum = createCountsSum({ maxLabels: 100, maxMetrics: 100, ...options })
  for (const one of counts) expect(sum.add(packCounts(one))).toBe(true)
  return sum
}

const withLabels = (...labels: readonly string[]): ByVariant<Summary> => ({
  ...nothing,
  canary: { ...emptySummary(), predictions: { labels: labels.map((label) => [label, 1] as const), other: 5 } },
})

const withMetric = (name: string): ByVariant<Summary> => ({
  ...nothing,
  baseline: { ...emptySummary(), metrics: [[name, { count: 2, sum: 3, sumOfSquares: 5 }]] },
})

describe('packed counts', () => {
  it('have a cell for each outcome', () => {
    expect(PLAIN_COUNTS).toBe(9 + OUTCOMES.length)
  })

  it('are read back as they were, in the same order', () => {
    fc.assert(
      fc.property(arms(), (counts) => {
        const read = sumOf([counts]).counts()
        expect(read).toEqual(counts)
        expect(JSON.stringify(read)).toBe(JSON.stringify(counts))
      }),
      { numRuns: 300 },
    )
  })

  it('have only characters that every store keeps', () => {
    fc.assert(
      fc.property(arms(), (counts) => {
        expect(packCounts(counts)).toMatch(/^A[\w.~-]*$/)
      }),
    )
  })

  it('leave out empty bins and names without counts', () => {
    const { canary } = withLabels('a')
    const pair = [1, 0] as const
    const sparse = {
      ...canary,
      latencyBins: [pair],
      metrics: [['paid', { count: 0, sum: 0, sumOfSquares: 0 }] as const],
    }
    const labels = [...sparse.predictions.labels, ['b', 0] as const]
    const counts = { ...nothing, canary: { ...sparse, predictions: { labels, other: 5 } } }
    expect(sumOf([counts]).counts()).toEqual({ ...nothing, canary })
  })

  it('have 0 for what is no count', () => {
    const odd = { ...emptySummary(), begun: Number.NaN, score: { count: 1, sum: Number.NaN, sumOfSquares: 1 } }
    expect(sumOf([{ ...nothing, canary: odd }]).counts().canary).toMatchObject({ begun: 0, score: { sum: 0 } })
  })
})

describe('the sum of packed counts', () => {
  it('is that of the summaries', () => {
    fc.assert(
      fc.property(fc.array(arms(commonName), { maxLength: 4 }), (counts) => {
        expect(sumOf(counts).counts()).toEqual(counts.reduce(merged, nothing))
      }),
      { numRuns: 200 },
    )
  })

  it('is empty after it was cleared', () => {
    const sum = sumOf([withLabels('a'), withMetric('paid')])
    sum.clear()
    expect(sum.counts()).toEqual(nothing)
  })

  it('does not fall while processes go on, whichever comes first', () => {
    const news = fc.tuple(fc.nat(3), arms(commonName), fc.nat(3), fc.boolean())
    fc.assert(
      fc.property(fc.array(news, { minLength: 2, maxLength: 8 }), (turns) => {
        const options = { maxLabels: 3, maxMetrics: 2 }
        const processes = [nothing, nothing, nothing, nothing]
        let sum = createCountsSum(options)
        let before: ByVariant<Summary> = nothing
        for (const [process, counts, first, isOther] of turns) {
          processes[process] = merged(processes[process]!, counts)
          if (isOther) sum = createCountsSum({ ...options, names: JSON.parse(JSON.stringify(sum.names())) })
          sum.clear()
          for (const one of [...processes.slice(first), ...processes.slice(0, first)]) {
            expect(sum.add(packCounts(one))).toBe(true)
          }
          const now = sum.counts()
          expect(subtractSummaries(now.baseline, before.baseline)).toBeDefined()
          expect(subtractSummaries(now.canary, before.canary)).toBeDefined()
          before = now
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('the names of a sum', () => {
  it('are the first labels; the counts of further ones are in other', () => {
    const sum = sumOf([withLabels('b', 'c'), withLabels('a', 'b')], { maxLabels: 2 })
    expect(sum.counts().canary.predictions).toEqual({
      labels: [
        ['b', 2],
        ['c', 1],
      ],
      other: 11,
    })
    expect(sum.names()).toEqual({ labels: ['b', 'c'], metrics: [] })
  })

  it('are the first metrics; further ones are left out', () => {
    const sum = sumOf([withMetric('paid'), withMetric('clicked'), withMetric('paid')], { maxMetrics: 1 })
    expect(sum.counts().baseline.metrics).toEqual([['paid', { count: 4, sum: 6, sumOfSquares: 10 }]])
    expect(sum.names()).toEqual({ labels: [], metrics: ['paid'] })
  })

  it('are no more than the limit, also if an earlier sum kept more', () => {
    const names = { labels: ['x', 'y'], metrics: ['p', 'q'] }
    const sum = sumOf([withLabels('x', 'y')], { maxLabels: 1, maxMetrics: 1, names })
    expect(sum.counts().canary.predictions).toEqual({ labels: [['x', 1]], other: 6 })
    expect(sum.names()).toEqual({ labels: ['x'], metrics: ['p'] })
  })

  it('are not taken from a text that is refused', () => {
    const sum = createCountsSum({ maxLabels: 1, maxMetrics: 1 })
    expect(sum.add(resealed(withLabels('bad'), (text) => `${text.slice(0, -9)}.bad`))).toBe(false)
    expect(sum.names()).toEqual({ labels: [], metrics: [] })
  })
})

/** Returns packed counts after a change, with the checksum of the change. */
function resealed(counts: ByVariant<Summary>, change: (content: string) => string): string {
  const text = packCounts(counts)
  const content = change(text.slice(0, text.lastIndexOf('.')))
  return `${content}.${checksumOf(content)}`
}

describe('a text that cannot be right', () => {
  /** Adds a text to a sum, and checks that it either changed nothing, or left what can be stored and read. */
  const expectSafe = (text: string): boolean => {
    const sum = sumOf([withLabels('a')])
    const before = { counts: sum.counts(), names: sum.names() }
    const isAdded = sum.add(text)
    if (isAdded) for (const arm of Object.values(sum.counts())) expect(readSummary(arm)).toEqual(arm)
    else expect({ counts: sum.counts(), names: sum.names() }).toEqual(before)
    return isAdded
  }

  it('is refused after any change on its way', () => {
    const at = fc.double({ min: 0, max: 1, noNaN: true })
    const character = fc.oneof(fc.string({ minLength: 1, maxLength: 1 }), fc.constantFrom('\u0000', 'é', '日'))
    fc.assert(
      fc.property(arms(), at, character, fc.constantFrom(0, 1), (counts, place, other, cut) => {
        const text = packCounts(counts)
        const from = Math.floor(place * (text.length - 1))
        const damaged = text.slice(0, from) + other + text.slice(from + cut)
        fc.pre(damaged !== text)
        expect(expectSafe(damaged)).toBe(false)
        expect(expectSafe(text.slice(0, from))).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  it('changes nothing if it is refused, also with a checksum that fits', () => {
    const numbers = fc.array(fc.oneof({ weight: 9, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.maxSafeNat() }), {
      maxLength: 80,
    })
    fc.assert(
      fc.property(numbers, fc.array(commonName, { maxLength: 3 }), (numbers, names) => {
        const writer = createTextWriter()
        for (const number of numbers) writer.count(number)
        for (const name of names) writer.name(name)
        expectSafe(writer.sealed(COUNTS_FORM))
      }),
      { numRuns: 1_000 },
    )
  })

  it('changes nothing if it is refused after a change of one number', () => {
    let refused = 0
    fc.assert(
      fc.property(
        arms(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(...'0Aaz_.~'),
        (counts, at, other) => {
          const text = resealed(counts, (content) => {
            const place = Math.floor(at * content.length)
            return content.slice(0, place) + other + content.slice(place + 1)
          })
          if (!expectSafe(text)) refused++
        },
      ),
      { numRuns: 500 },
    )
    expect(refused).toBeGreaterThan(100)
  })

  it.each<[string, string]>([
    ['no text', ''],
    ['another form', `B${packCounts(nothing).slice(1)}`],
    ['a form of later', resealed(nothing, (content) => `B${content.slice(1)}`)],
    ['a form alone', 'A'],
    ['a form without numbers', resealed(nothing, () => 'A')],
    ['numbers without an end', resealed(nothing, (content) => content.slice(0, -1))],
    ['a number too much', resealed(nothing, (content) => `${content}0`)],
    ['a number that goes on', resealed(nothing, (content) => `${content}z`)],
    ['a name too much', resealed(withLabels('a'), (content) => `${content}.b`)],
    ['a name too few', resealed(withLabels('a', 'b'), (content) => content.slice(0, -2))],
    ['a name twice', resealed(withLabels('a', 'b'), (content) => content.replace('.a.b', '.a.a'))],
    ['names in another order', resealed(withLabels('a', 'b'), (content) => content.replace('.a.b', '.b.a'))],
    ['a name of 65 characters', resealed(withLabels('a'), (content) => content + 'a'.repeat(64))],
    ['an impossible count', resealed(nothing, (content) => content.replace('A00', `A00${'_'.repeat(9)}V`))],
    ['a count without end', resealed(nothing, (content) => content.replace('A00', `A00${'_'.repeat(900)}V`))],
    ['a million names', resealed(nothing, (content) => content + '.'.repeat(LONGEST_TEXT - 100))],
    ['more characters than any text', resealed(nothing, (content) => content + '0'.repeat(LONGEST_TEXT))],
    ['null', null as unknown as string],
    ['an object', { length: 3 } as unknown as string],
  ])('is refused: %s', (_, text) => {
    expect(expectSafe(text)).toBe(false)
  })

  it('is not refused for the largest counts of a process', () => {
    const largest: Summary = { ...emptySummary(), begun: 2 ** 40, latencyBins: [[1_600, 2 ** 40]] }
    expect(sumOf([{ ...nothing, canary: largest }]).counts().canary).toEqual(largest)
  })

  it.each<[string, Partial<Summary>]>([
    ['a count above all that one process can count', { begun: 2 ** 40 + 1 }],
    ['a bin above all that one process can count', { latencyBins: [[3, 2 ** 40 + 1]] }],
    ['a bin beyond the last', { latencyBins: [[2_000, 1]] }],
    [
      'a later bin beyond the last',
      {
        latencyBins: [
          [3, 1],
          [2_000, 1],
        ],
      },
    ],
    ['a bin of scores beyond the last', { scoreBins: [[5_000, 1]] }],
    ['a sum of values that nobody records', { score: { count: 1, sum: 1e150, sumOfSquares: 1 } }],
    ['a sum of squares that nobody records', { score: { count: 1, sum: 1, sumOfSquares: 1e300 } }],
    ['a negative sum of squares', { score: { count: 1, sum: 1, sumOfSquares: -1 } }],
  ])('is refused: %s', (_, odd) => {
    expect(expectSafe(packCounts({ ...nothing, canary: { ...emptySummary(), ...odd } }))).toBe(false)
  })
})
