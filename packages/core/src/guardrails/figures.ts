/** How a quantity is written: a share of requests, a time, or a bare number. */
export type Unit = 'share' | 'ms' | 'plain'

/** A number as a person reads it: three significant digits, and whole numbers in full. */
export function figure(value: number): string {
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)))
}

/** A value with its unit: `7.4 %`, `180 ms`, `0.31`. */
export function valueIn(unit: Unit, value: number): string {
  if (unit === 'share') return `${figure(value * 100)} %`
  return unit === 'ms' ? `${figure(value)} ms` : figure(value)
}

/** A difference with its unit; of two shares it is counted in points: `6.3 points`. */
export function amountIn(unit: Unit, amount: number): string {
  const bare = bareIn(unit, amount)
  if (unit === 'share') return bare === '1' ? '1 point' : `${bare} points`
  return unit === 'ms' ? `${bare} ms` : bare
}

/** The same difference without its unit, for a sentence that has named it already. */
export function bareIn(unit: Unit, amount: number): string {
  return figure(unit === 'share' ? amount * 100 : amount)
}

/** A quantile by its usual name: `p99` for 0.99, `p99.9` for 0.999. */
export function quantileName(quantile: number): string {
  return `p${Number((quantile * 100).toPrecision(12))}`
}
