import { expect, it } from 'vitest'
import { binOf, quantileUs, totalOf } from '../summaries/histogram.js'
import { createAnswerTimes } from './answer-times.js'

const fill = (times: ReturnType<typeof createAnswerTimes>, ms: number, count: number) => {
  for (let call = 0; call < count; call++) times.add(binOf(ms * 1_000))
}

it('counts every call and joins four bins under the last, so that times are at most 6 % too long', () => {
  const times = createAnswerTimes()
  expect(times.read()).toEqual([])
  fill(times, 100, 3)
  fill(times, 20, 2)
  expect(times.read()).toEqual([
    [591, 2], // 20 ms are in bin 590
    [739, 3], // 100 ms are in bin 737
  ])
})

it('halves the counts at 40,000 calls, so that recent calls weigh most', () => {
  const times = createAnswerTimes()
  fill(times, 1_000, 39_999)
  expect(totalOf(times.read())).toBe(39_999)
  fill(times, 1_000, 1)
  expect(totalOf(times.read())).toBe(20_000)
  fill(times, 10, 20_000 + 20_000 + 1)
  expect(quantileUs(times.read(), 0.5)! / 1_000).toBeCloseTo(10.2, 0)
  fill(times, 10, 400_000)
  expect(quantileUs(times.read(), 0.999)! / 1_000).toBeCloseTo(10.2, 0)
  expect(totalOf(times.read())).toBeLessThan(40_000)
})

it('uses 16 bits for every four bins of a histogram', () => {
  const times = createAnswerTimes()
  const before = times.byteLength
  fill(times, 10, 1_000)
  expect(times.byteLength).toBe(before)
  expect(before).toBe(2 * 401)
})
