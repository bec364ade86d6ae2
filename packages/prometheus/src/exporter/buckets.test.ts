import { binLow, binOf } from '@model-canary/core/judge'
import { describe, expect, it } from 'vitest'
import { countsBelow, defaultEdges, resolveEdges } from './buckets.js'

const les = (bucketsMs: readonly number[]) => resolveEdges(bucketsMs).map(({ le }) => le)

describe('the edges of the duration buckets', () => {
  it('are four an octave by default, from 1.024 ms to 67.1 s, without noise in their digits', () => {
    expect(defaultEdges.length).toBe(65)
    expect(defaultEdges.slice(0, 6).map(({ le }) => le)).toEqual([
      '0.001024',
      '0.00128',
      '0.001536',
      '0.001792',
      '0.002048',
      '0.00256',
    ])
    expect(defaultEdges.slice(-2).map(({ le }) => le)).toEqual(['58.720256', '67.108864'])
    expect(defaultEdges.every(({ le }) => le.length <= 9)).toBe(true)
  })

  it('are edges of bins: only smaller values are in a lower bin', () => {
    for (const { le, bin } of [...defaultEdges, ...resolveEdges([0.05, 5, 10, 25, 100, 2_500, 1_000_000])]) {
      const us = Math.round(Number(le) * 1_000_000)
      expect([le, binLow(bin), binOf(us - 1)]).toEqual([le, us, bin - 1])
    }
  })

  it('move up to the next edge of a bin, by less than 1/64', () => {
    expect(les([0.05, 1.024, 5, 100, 2_500])).toEqual(['0.00005', '0.001024', '0.005056', '0.100352', '2.523136'])
  })

  it('do not move if they are an edge already', () => {
    for (let bin = 1; bin < 1_600; bin++) expect(les([binLow(bin) / 1000])).toEqual([String(binLow(bin) / 1_000_000)])
  })

  it('are the default without an option', () => {
    expect(resolveEdges(undefined)).toBe(defaultEdges)
  })

  it.each([
    ['nothing', []],
    ['no array', 5],
    ['NaN', [Number.NaN]],
    ['zero', [0, 1]],
    ['a text', ['5']],
    ['falling edges', [10, 5]],
    ['two edges in one bin', [10, 10.001]],
    ['more than 200', Array.from({ length: 201 }, (_, at) => 1.02 ** at)],
    ['what is beyond core’s histogram', [1_073_741.825]],
  ])('refuse %s', (_, bucketsMs) => {
    expect(() => resolveEdges(bucketsMs)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})

describe('the counts of the buckets', () => {
  it('are exact against every single duration', () => {
    const durationsUs = Array.from({ length: 3_000 }, (_, at) => Math.round(1.007 ** at) % 2 ** 31)
    const bins = new Map<number, number>()
    for (const us of durationsUs) bins.set(binOf(us), (bins.get(binOf(us)) ?? 0) + 1)
    const sparse = [...bins].sort(([a], [b]) => a - b)
    const expected = defaultEdges.map(
      ({ le }) => durationsUs.filter((us) => us < Math.round(Number(le) * 1_000_000)).length,
    )
    expect(countsBelow(sparse, defaultEdges)).toEqual(expected)
    expect(new Set(expected).size).toBeGreaterThan(60)
  })

  it('are 0 without durations', () => {
    expect(countsBelow([], resolveEdges([1, 2]))).toEqual([0, 0])
  })
})
