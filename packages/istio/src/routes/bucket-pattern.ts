/**
 * Returns a regular expression for the whole numbers from 0 up to, but not including, `count`, without leading zeros.
 * It must match the whole header value, as in Envoy. Below 1 it matches 0; the caller gives that route no weight.
 *
 * @example
 * bucketPattern(25) // '[0-9]|1[0-9]|2[0-4]'
 */
export function bucketPattern(count: number): string {
  const last = Math.max(1, Math.min(100, count)) - 1
  if (last < 10) return digits(0, last)
  const tens = Math.floor(last / 10)
  const whole = last % 10 === 9 ? tens : tens - 1
  const parts = ['[0-9]']
  if (whole >= 1) parts.push(`${digits(1, whole)}[0-9]`)
  if (whole < tens) parts.push(`${tens}${digits(0, last % 10)}`)
  return parts.join('|')
}

const digits = (from: number, to: number): string => (from === to ? String(from) : `[${from}-${to}]`)
