import { expect, it } from 'vitest'
import { upperNormalQuantile } from './normal-quantile.js'

it.each([
  [0.5, 0],
  [0.05, 1.6448536],
  [0.003 / 6, 3.2905267],
  [0.003 / 30, 3.7190165],
  [1e-7, 5.1993376],
])('of %s the upper normal quantile is %s', (p, z) => {
  expect(Math.abs(upperNormalQuantile(p) - z)).toBeLessThan(0.00045)
})
