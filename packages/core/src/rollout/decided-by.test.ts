import { expect, it } from 'vitest'
import { decidedBy } from './decided-by.js'

it.each(['judge', 'tripwire', 'clock', 'gate', 'warm-up'])('names the part of the loop that decided: %s', (actor) => {
  expect(decidedBy(actor)).toBe(actor)
})

it.each(['ada', 'operator', 'evaluate', '', '__proto__'])(
  'says of everybody else that it was an operator: %o',
  (actor) => {
    expect(decidedBy(actor)).toBe('operator')
  },
)
