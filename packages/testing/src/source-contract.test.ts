import { describe, expect, it } from 'vitest'
import { BROKEN_SOURCES } from './source-contract/broken-sources.fixture.js'
import type { MakeSourcePlace } from './source-contract/place.js'
import { plainPlace } from './source-contract/plain-source.fixture.js'
import { type SourceContractOptions, type SourceRule, sourceContract } from './source-contract.js'

/** The rules of the contract for a place, not run. */
function rulesOf(make: MakeSourcePlace, options: SourceContractOptions = {}): Map<string, () => Promise<void>> {
  const bodies = new Map<string, () => Promise<void>>()
  const register = (name: string, body: () => Promise<void>) =>
    void bodies.set(name.replace(/^.*? contract: /, ''), body)
  sourceContract({ it: Object.assign(register, { skip: () => {} }) }, 'broken', make, options)
  return bodies
}

sourceContract({ it }, 'in memory', () => plainPlace())

describe('sourceContract', () => {
  it('has a broken source for every rule', () => {
    expect(Object.keys(BROKEN_SOURCES).sort()).toEqual([...rulesOf(() => plainPlace()).keys()].sort())
  })

  for (const [rule, [fault, parts]] of Object.entries(BROKEN_SOURCES)) {
    it(`finds a source that ${fault}: ${rule}`, async () => {
      const body = rulesOf(() => plainPlace(parts), { patienceMs: 100 }).get(rule)!
      await expect(body()).rejects.toThrow()
    })
  }

  it('finds a source that loses counts at a restart although it says that it keeps them', async () => {
    const make = () => {
      const [first, later] = [plainPlace(), plainPlace()]
      let opened = 0
      return { ...first, open: () => (opened++ === 0 ? first.open() : later.open()) }
    }
    const rule: SourceRule = 'counts from the beginning of the window in a process that begins later'
    await expect(rulesOf(make).get(rule)!()).rejects.toThrow('read() resolved to "no-data"')
  })

  it.each<[SourceRule, string]>([
    ['rejects where the counts cannot be read', 'pass "breakDown", or skip this rule and say why'],
    ['ends a read whose signal is aborted', 'pass "hang", or skip this rule and say why'],
  ])('says what a place lacks: %s', async (rule, message) => {
    const { open, nextWindow, serve } = plainPlace()
    await expect(rulesOf(() => ({ open, nextWindow, serve })).get(rule)!()).rejects.toThrow(message)
  })
})
