import { describe, expect, it } from 'vitest'
import { BROKEN_TARGETS } from './target-contract/broken-targets.fixture.js'
import type { MakeTargetPlace } from './target-contract/place.js'
import { plainPlace } from './target-contract/plain-target.fixture.js'
import { type TargetContractOptions, type TargetRule, targetContract } from './target-contract.js'

/** The rules of the contract for a place, not run. */
function rulesOf(make: MakeTargetPlace, options: TargetContractOptions = {}): Map<string, () => Promise<void>> {
  const bodies = new Map<string, () => Promise<void>>()
  const register = (name: string, body: () => Promise<void>) => void bodies.set(name.replace(/^.*contract: /, ''), body)
  targetContract({ it: Object.assign(register, { skip: () => {} }) }, 'broken', make, options)
  return bodies
}

targetContract({ it }, 'in memory', () => plainPlace())

describe('targetContract', () => {
  it('has a broken target for every rule', () => {
    expect(Object.keys(BROKEN_TARGETS).sort()).toEqual([...rulesOf(() => plainPlace()).keys()].sort())
  })

  for (const [rule, [fault, parts]] of Object.entries(BROKEN_TARGETS)) {
    it(`finds a target that ${fault}: ${rule}`, async () => {
      const body = rulesOf(() => plainPlace(parts), { patienceMs: 100 }).get(rule)!
      await expect(body()).rejects.toThrow()
    })
  }

  it.each<[TargetRule, string]>([
    ['rejects more canary over a share that somebody else has set', 'pass "setWeight", or skip this rule and say why'],
    ['rejects when its signal is aborted under way', 'pass "hang", or skip this rule and say why'],
  ])('says what a place lacks: %s', async (rule, message) => {
    const { open, weight } = plainPlace()
    await expect(rulesOf(() => ({ open, weight })).get(rule)!()).rejects.toThrow(message)
  })

  it('says so where a target has no watch', async () => {
    const place = plainPlace()
    const open = async () => ({ apply: (await place.open()).apply })
    const rule = rulesOf(() => ({ ...place, open })).get('tells nothing after a watch has ended')!
    await expect(rule()).rejects.toThrow('the target has no watch()')
  })
})
