import { expect, it } from 'vitest'
import { createStalls } from './stalls.js'

const pulsed = (...times: number[]) => {
  const stalls = createStalls(250)
  stalls.resume({ startedAt: 0 })
  for (const at of times) stalls.pulse(at)
  return stalls
}

it('counts no stall while pulses are on time', () => {
  expect(pulsed(250, 500, 800, 1_100).totalMs).toBe(0)
})

it('adds up the delays of pulses beyond 50 ms', () => {
  expect(pulsed(250, 550).totalMs).toBe(0)
  expect(pulsed(250, 551).totalMs).toBe(51)
  expect(pulsed(250, 60_250, 60_500, 61_750).totalMs).toBe(59_750 + 1_000)
})

it('counts a stall before the first pulse', () => {
  expect(pulsed(30_000).totalMs).toBe(29_750)
})

it('does not count idle time as a stall', () => {
  const stalls = pulsed(250)
  stalls.resume({ startedAt: 3_600_000 })
  stalls.pulse(3_600_250)
  expect(stalls.totalMs).toBe(0)
})

it('returns the part of a current stall that a call has seen', () => {
  const stalls = pulsed(250)
  expect(stalls.underWayMs(500, 0)).toBe(0)
  expect(stalls.underWayMs(20_500, 0)).toBe(20_000)
  expect(stalls.underWayMs(20_500, 20_400)).toBe(100)
  expect(stalls.underWayMs(20_500, 20_600)).toBe(0)
  expect(stalls.totalMs).toBe(0)
})

it('counts no time that was not watched', () => {
  expect(createStalls(250).underWayMs(60_000, 0)).toBe(0)
})
