import { describe, expect, it } from 'vitest'
import { closeCapped, logsOf, reduced, startCapped, withBlock, withWaiting } from './capped-evidence.js'

describe('a capped process', () => {
  const start = startCapped([0, -1])

  it('gains at most 2 nats in a window, however many blocks it has', () => {
    const burst = withBlock(withBlock(start, [30, 1]), [40, 0.5])
    expect(logsOf(burst)).toEqual([2, 0.5])
    expect(logsOf(withBlock(closeCapped(burst), [30, 30]))).toEqual([4, 2.5])
  })

  it('loses without a limit', () => {
    expect(logsOf(withBlock(start, [-30, -30]))).toEqual([-30, -31])
  })

  it('sums a window up before it is capped, so that a burst does not pay for what follows in the same window', () => {
    expect(logsOf(withBlock(withBlock(start, [30, 0]), [-29, 0]))).toEqual([1, -1])
    expect(logsOf(withBlock(withBlock(start, [30, 0]), [-25, 0]))).toEqual([2, -1])
  })

  it('counts harm that begins in a window from the next one on', () => {
    const late = withBlock(withWaiting(startCapped([-100]), 0.25), [1])
    expect(logsOf(late)[0]).toBeCloseTo(Math.log(0.25), 12) // not e·0.25
    expect(logsOf(withBlock(closeCapped(late), [1]))[0]).toBeCloseTo(Math.log(0.25) + 1, 12)
  })

  it('can be divided', () => {
    expect(logsOf(reduced(withBlock(start, [1, 5]), 3))).toEqual([-2, -2])
  })

  it('is limited to ±700', () => {
    expect(logsOf(withBlock(startCapped([0, 699.5]), [-9_000, 5]))).toEqual([-700, 700])
  })
})
