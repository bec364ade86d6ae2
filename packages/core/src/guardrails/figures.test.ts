import { expect, it } from 'vitest'
import { amountIn, bareIn, figure, quantileName, valueIn } from './figures.js'

it('writes three significant digits, and whole numbers in full', () => {
  expect([0.074074, 1.1, 7.0000001, 99.96, 123.4, 12_345.6, 0].map(figure)).toEqual([
    '0.0741',
    '1.1',
    '7',
    '100',
    '123',
    '12346',
    '0',
  ])
})

it('writes shares in percent and their differences in points', () => {
  expect(valueIn('share', 0.074)).toBe('7.4 %')
  expect(amountIn('share', 0.063)).toBe('6.3 points')
  expect(amountIn('share', 0.01)).toBe('1 point')
  expect(bareIn('share', 0.02)).toBe('2')
})

it('writes times in milliseconds, and other units bare', () => {
  expect([valueIn('ms', 180.4), amountIn('ms', 0.5), valueIn('plain', 2.71499)]).toEqual(['180 ms', '0.5 ms', '2.71'])
})

it('names a quantile as people do', () => {
  expect([0.5, 0.99, 0.999, 0.29].map(quantileName)).toEqual(['p50', 'p99', 'p99.9', 'p29'])
})
