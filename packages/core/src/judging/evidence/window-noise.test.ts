import { describe, expect, it } from 'vitest'
import { addChange, addDifference } from '../../statistics/difference-dispersion.js'
import { noSpread } from '../../statistics/dispersion.js'
import { yes } from './evidence.fixture.js'
import { beginStretch, closeWindow, noDispersion, startNoise, type WindowNoise, withArrived } from './window-noise.js'

const compared = { limit: null }
const usual = yes(10, 1_000)

/** The noise after windows of hits and requests of the canary; of the baseline one of a hundred fails. */
const after = (windows: readonly (readonly [hits: number, requests: number])[], limit: number | null = null) =>
  windows.reduce(
    (noise: WindowNoise, [hits, requests]) =>
      closeWindow(withArrived(noise, { canary: yes(hits, requests), baseline: yes(1, 100) }), { limit }, usual),
    startNoise(noDispersion),
  )

describe('the noise of a rollout', () => {
  it('compares each window with the one before', () => {
    const { differences, last } = after([
      [1, 50],
      [3, 50],
    ])
    const baseline = yes(1, 100)
    const [before, now] = [yes(1, 50), yes(3, 50)].map((canary) => ({ canary, baseline }))
    expect(differences).toEqual(addDifference(noSpread, before!, now!, (10 * 0.99) / 999))
    expect(last).toEqual(now)
  })

  it('goes on with a window of fewer than five requests in an arm', () => {
    const short = after([
      [1, 50],
      [1, 4],
    ])
    expect(short.differences.pairs).toBe(0)
    expect(short.window.canary).toEqual(yes(1, 4))
    const whole = closeWindow(withArrived(short, { canary: yes(0, 1), baseline: yes(1, 100) }), compared, usual)
    expect(whole.differences.pairs).toBe(1)
    expect(whole.last?.canary).toEqual(yes(1, 5))
  })

  it('does not compare windows at different weights', () => {
    const moved = beginStretch(after([[1, 50]]))
    const next = closeWindow(withArrived(moved, { canary: yes(9, 50), baseline: yes(1, 100) }), compared, usual)
    expect(next.differences).toEqual(noSpread)
  })

  it('is that of the canary alone if it is compared with a limit', () => {
    const { differences } = after(
      [
        [1, 50],
        [9, 50],
      ],
      0.2,
    )
    expect(differences).toEqual(addChange(noSpread, yes(1, 50), yes(9, 50), (10 * 0.99) / 999))
  })
})
