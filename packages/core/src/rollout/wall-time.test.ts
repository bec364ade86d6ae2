import { expect, it } from 'vitest'
import { dateAndTimeOf, timeOf } from './wall-time.js'

it.each(['2024-02-29T00:00', '2026-01-01T09:05', '2026-12-31T23:59', '2027-03-01T12:00', '2100-02-28T01:02'])(
  'writes the wall time %s as the calendar does',
  (text) => {
    const at = Date.parse(`${text}:59Z`)
    expect(dateAndTimeOf(at)).toBe(text.replace('T', ' '))
    expect(timeOf(at)).toBe(text.slice(11))
  },
)
