import { InvalidArgumentError, Option } from 'commander'

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

const LONGEST_MS = 366 * UNIT_MS.d

/** Returns a duration such as `90s`, `5m` or `1.5h` in milliseconds. Refuses one without a unit. */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)$/.exec(text.trim()) ?? []
  if (amount === undefined) throw new InvalidArgumentError('It must be a time with a unit, such as 90s, 5m or 1h.')
  const durationMs = Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]
  if (durationMs > LONGEST_MS) throw new InvalidArgumentError('It must be at most 366d.')
  return durationMs
}

/** Returns an option that takes a duration, with a default that the help shows as it is written here. */
export const durationOption = (flags: string, description: string, preset: string): Option =>
  new Option(flags, description).argParser(parseDuration).default(parseDuration(preset), preset)
