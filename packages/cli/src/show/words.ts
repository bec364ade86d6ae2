/** Returns a number for people: whole numbers with separators, others with at most `digits` decimals. */
export const numberText = (value: number, digits = 2): string =>
  value.toLocaleString('en', { maximumFractionDigits: digits })

/** Returns a duration in the largest units that show it: `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(durationMs: number): string {
  const seconds = Math.round(durationMs / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return joined(minutes, 'min', seconds % 60, 's')
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? joined(hours, 'h', minutes % 60, 'min') : joined(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

const joined = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`

/** Returns what is waited for, and how much of it there is; times are shown as times. */
export function waitText({
  what,
  have,
  need,
}: {
  readonly what: string
  readonly have: number
  readonly need: number
}) {
  const isTime = what.startsWith('ms ')
  const show = isTime ? durationText : numberText
  return `${isTime ? `time ${what.slice(3)}` : what}: ${show(have)} of ${show(need)}`
}
