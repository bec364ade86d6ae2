import type { Check } from '@model-canary/core/judge'

/** Returns a time of day with its time zone, and the date if it is not today. */
export function timeOf(ms: number, now = Date.now(), timeZone?: string): string {
  const date = new Date(ms)
  const zone = { ...(timeZone !== undefined && { timeZone }) }
  const isToday = date.toLocaleDateString('en', zone) === new Date(now).toLocaleDateString('en', zone)
  return date.toLocaleString(undefined, {
    ...(!isToday && { month: 'short', day: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
    ...zone,
  })
}

/** Returns a length of time in one or two units: `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function durationOf(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return joined(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 1_440) return joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.round(minutes / 60)
  return joined(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

const joined = (many: number, unit: string, rest: number, smaller: string): string =>
  rest === 0 ? `${many} ${unit}` : `${many} ${unit} ${rest} ${smaller}`

/** Returns a number for people: three significant digits, or a whole number with separators from 100 up. */
export function numberOf(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}

/** Returns a figure of a guardrail with its unit; `–` without data. */
export function figureOf(unit: Check['unit'], value: number | null): string {
  if (value === null) return '–'
  if (unit === 'share') return `${numberOf(value * 100)} %`
  return unit === 'ms' ? `${numberOf(value)} ms` : numberOf(value)
}

/** Returns a difference of a guardrail with its unit: shares differ by points. */
export function differenceOf(unit: Check['unit'], value: number): string {
  const sign = value > 0 ? '+' : ''
  if (unit === 'share') return `${sign}${numberOf(value * 100)} points`
  return `${sign}${figureOf(unit, value)}`
}

/** Returns a number of things: `1 process`, `3 processes`. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${numberOf(count)} ${count === 1 ? one : many}`

/** Returns a text with a capital at its beginning. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
