import { describe, expect, it } from 'vitest'
import { VARIANTS } from '../foundation/vocabulary.js'
import { mergeBins, quantileUs, type SparseBins } from '../summaries/histogram.js'
import { quantileMs } from '../summaries/latency-sketch.js'
import { packSpans } from './packed-spans.js'
import { MINUTE, type Minute, minutes } from './span.fixture.js'
import { COUNT_NAMES, type Place, type Span } from './span.js'
import { createThinning, MOST_PACKED } from './thin-spans.js'

const HOUR = 60 * MINUTE

/** Adds one minute after the other, as a leader does. */
function kept(
  count: number,
  options: Parameters<typeof minutes>[0],
  placeAt: (minute: number) => Partial<Place> = () => ({}),
) {
  const next = minutes(options)
  const thinned = createThinning()
  const all: Minute[] = []
  let spans: readonly Span[] = []
  for (let minute = 0; minute < count; minute += 1) {
    all.push(next(placeAt(minute)))
    spans = thinned([...spans, all.at(-1)!.span])
    if (minute % 97 !== 0) continue
    expectSound(spans)
    expect(createThinning()(spans)).toEqual(spans) // what it remembers is what it would measure
  }
  expectSound(spans)
  return { all, spans }
}

/** Expects spans that fit, are in order, do not overlap, and are short in the last hour. */
function expectSound(spans: readonly Span[]): void {
  expect(packSpans(spans).length).toBeLessThanOrEqual(MOST_PACKED)
  for (const [at, { from, to }] of spans.entries()) {
    expect(to).toBeGreaterThan(from)
    expect(from).toBe(spans[at - 1]?.to ?? from)
    if (spans.at(-1)!.to - to < HOUR) expect(to - from).toBeLessThanOrEqual(2 * MINUTE)
  }
}

/** Returns a function that computes a value when it is first called. */
function once<Value>(compute: () => Value): () => Value {
  let value: Value | undefined
  return () => (value ??= compute())
}

const totalOf = (spans: readonly Span[]) =>
  VARIANTS.map((variant) => COUNT_NAMES.map((name) => spans.reduce((total, span) => total + span[variant][name], 0)))

const latenciesIn = (all: readonly Minute[], { from, to }: Span, variant: 'baseline' | 'canary'): SparseBins =>
  all
    .filter(({ span }) => span.from >= from && span.to <= to)
    .map(({ latencyBins }) => latencyBins[variant])
    .reduce(mergeBins, [])

/** Returns how far a quantile is from the exact one, as a factor above 1. */
function worstFactor(all: readonly Minute[], spans: readonly Span[]): number {
  const factors = spans.flatMap((span) =>
    VARIANTS.flatMap((variant) => {
      const exact = latenciesIn(all, span, variant)
      return [0.5, 0.95, 0.99].map((q) =>
        Math.exp(Math.abs(Math.log(quantileMs(span[variant].latency, q)! / (quantileUs(exact, q)! / 1_000)))),
      )
    }),
  )
  return Math.max(...factors)
}

describe('a week of minutes', { timeout: 120_000 }, () => {
  const aWeek = once(() => kept(8 * 24 * 60, { requests: 60_000 }))

  it('fit, and keep every request and the quantiles within 6 %', () => {
    const { all, spans } = aWeek()
    expect(totalOf(spans)).toEqual(totalOf(all.map(({ span }) => span)))
    expect(spans[0]!.from).toBe(all[0]!.span.from)
    expect(worstFactor(all, spans)).toBeLessThan(1.06)
  })

  it('are coarser the older they are', () => {
    const { spans } = aWeek()
    const now = spans.at(-1)!.to
    expect(spans.filter(({ to }) => now - to < HOUR).length).toBeGreaterThanOrEqual(30)
    expect(spans.filter(({ to }) => now - to < 24 * HOUR).length).toBeGreaterThanOrEqual(40)
    expect(spans[0]!.to - spans[0]!.from).toBeGreaterThan(4 * HOUR)
    expect(spans[0]!.to - spans[0]!.from).toBeLessThan(4 * 24 * HOUR)
  })
})

it('keeps minutes as they are while they fit', () => {
  const { all, spans } = kept(30, { requests: 6_000 })
  expect(spans).toEqual(all.map(({ span }) => span))
})

it('never merges spans of two stays, weights or releases', () => {
  const { spans } = kept(2_000, { requests: 60_000 }, (minute) => ({
    ...{ epoch: 1 + Math.floor(minute / 400), visit: 1 + (Math.floor(minute / 100) % 4) },
    weight: minute % 100 < 50 ? 10 : 0,
  }))
  for (const { from, to, epoch, visit, weight } of spans) {
    const [first, last] = [from, to - MINUTE].map((at) => (at - spans.at(-1)!.to + 2_000 * MINUTE) / MINUTE)
    for (const minute of [first!, last!]) {
      expect([epoch, visit]).toEqual([1 + Math.floor(minute / 400), 1 + (Math.floor(minute / 100) % 4)])
      expect(weight).toBe(minute % 100 < 50 ? 10 : 0)
    }
  }
})

it('drops the oldest rollouts before the picture of the present one becomes coarse', () => {
  const { spans } = kept(4_000, { requests: 600 }, (minute) => ({
    epoch: 1 + Math.floor(minute / 10),
    versions: { baseline: `sentiment@2026.11.${minute}`, canary: `sentiment@2026.12.${minute}` },
  }))
  expect(spans[0]!.epoch).toBeGreaterThan(1)
  expect(spans.at(-1)!.to - spans[0]!.from).toBeGreaterThan(10 * MINUTE)
})

it('keeps the last hour, and all of the present stay, if latencies are spread over the whole range', () => {
  const { all, spans } = kept(1_000, { requests: 10_000_000, octaves: 30 })
  expect(totalOf(spans)).toEqual(totalOf(all.map(({ span }) => span)))
  expect(worstFactor(all, spans)).toBeGreaterThan(1.05) // the price
  expect(worstFactor(all, spans)).toBeLessThan(2)
})
