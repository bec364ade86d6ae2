import { describe, expect, it } from 'vitest'
import { plainForm } from '../summaries/strata.js'
import { stored } from './rollout.fixture.js'
import { hasSameHead } from './stored-records.js'
import type { VersionPast } from './version-past.js'

const past: VersionPast = { version: 'v1', judge: 'evidence', at: 1, windows: 20, learned: null, form: plainForm }

describe('the others', () => {
  it.each([
    ['a longer past', { at: 2, windows: 24 }, true],
    ['another form by which they count their users', { form: { ...plainForm, tailBins: [700] } }, false],
  ])('are told of %s only if it concerns them', (_, change, isSame) => {
    expect(hasSameHead(stored({ pasts: [past] }), stored({ pasts: [{ ...past, ...change }] }))).toBe(isSame)
  })
})
