/** Returns the hours and minutes of a wall time in milliseconds since 1970, in UTC, such as `09:05`. */
export function timeOf(at: number): string {
  const minutes = Math.floor(at / 60_000)
  return `${twoDigits(Math.floor(minutes / 60) % 24)}:${twoDigits(minutes % 60)}`
}

/** Returns the date and time of a wall time in milliseconds since 1970, in UTC, such as `2026-01-09 09:05`. */
export function dateAndTimeOf(at: number): string {
  // civil from days, with years that begin in March: https://howardhinnant.github.io/date_algorithms.html#civil_from_days
  const days = Math.floor(at / 86_400_000) + 719_468
  const era = Math.floor(days / 146_097)
  const dayOfEra = days - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1
  return `${year}-${twoDigits(month)}-${twoDigits(day)} ${timeOf(at)}`
}

const twoDigits = (part: number): string => String(part).padStart(2, '0')
