export const LARGEST_LOG = 700
export function logAdd(a: number, b: number): number {
  const high = a > b ? a : b
  if (high === Number.NEGATIVE_INFINITY) return high
  return high + Math.log1p(Math.exp((a > b ? b : a) - high))
}
export function logSum(logs: readonly number[]): number {
  let high = Number.NEGATIVE_INFINITY
  for (const log of logs) if (log > high) high = log
  if (high === Number.NEGATIVE_INFINITY) return high
  let sum = 0
  for (const log of logs) sum += Math.exp(log - high)
  return high + Math.log(sum)
}
export function capLog(value: number): number {
  return Math.min(LARGEST_LOG, Math.max(-LARGEST_LOG, value))
}
