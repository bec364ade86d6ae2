/** The unit of a quantity: a share of requests, a time, or a number without a unit. */
export type Unit = 'share' | 'ms' | 'plain'

/** Returns a number for people: three significant digits, or a whole number from 100 up. */
export function figure(value: number): string {
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)))
}

/** Returns a value with its unit: `7.4 %`, `180 ms`, `0.31`. */
export function valueIn(unit: Unit, value: number): string {
  if (unit === 'share') return `${figure(value * 100)} %`
  return unit === 'ms' ? `${figure(value)} ms` : figure(value)
}

/** Returns a difference with its unit; the unit of a difference of shares is points: `6.3 points`. */
export function amountIn(unit: Unit, amount: number): string {
  const bare = bareIn(unit, amount)
  if (unit === 'share') return bare === '1' ? '1 point' : `${bare} points`
  return unit === 'ms' ? `${bare} ms` : bare
}

/** Returns a difference without its unit, for a sentence that has named the unit already. */
export function bareIn(unit: Unit, amount: number): string {
  return figure(unit === 'share' ? amount * 100 : amount)
}

/** Returns a quantile's usual name: `p99` for 0.99, `p99.9` for 0.999. */
export function quantileName(quantile: number): string {
  return `p${Number((quantile * 100).toPrecision(12))}`
}
