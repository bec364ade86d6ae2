import { memoryStore } from '@model-canary/core/controller'
import { describe, expect, it } from 'vitest'
import { createSimulationStore } from './simulation-store.js'
import { BROKEN_STORES } from './store-contract/broken-stores.fixture.js'
import type { MakeStorePlace } from './store-contract/place.js'
import { type StoreContractOptions, type StoreRule, storeContract } from './store-contract.js'

/** The rules of the contract for a place, not run. */
function rulesOf(make: MakeStorePlace, options: StoreContractOptions = {}): Map<string, () => Promise<void>> {
  const bodies = new Map<string, () => Promise<void>>()
  const register = (name: string, body: () => Promise<void>) => void bodies.set(name.replace(/^.*contract: /, ''), body)
  storeContract({ it: Object.assign(register, { skip: () => {} }) }, 'broken', make, options)
  return bodies
}

const one = <Store>(make: () => Store) => {
  return () => {
    const store = make()
    return { open: () => store }
  }
}

storeContract({ it }, 'memoryStore', one(memoryStore))

/** Registers what is run, and says nothing of the rules that are skipped. */
const unseen = Object.assign((name: string, body: () => Promise<void>) => it(name, body), { skip: () => {} })

storeContract({ it: unseen }, 'simulation', one(createSimulationStore), {
  skip: [
    { test: 'returns what was written, as JSON', reason: 'it copies nothing, which is what makes it fast' },
    { test: 'keeps a copy that nobody else can change', reason: 'it copies nothing, and a rollout changes nothing' },
  ],
})

describe('storeContract', () => {
  it('has a broken store for every rule', () => {
    expect(Object.keys(BROKEN_STORES).sort()).toEqual([...rulesOf(one(memoryStore)).keys()].sort())
  })

  for (const [rule, [fault, make]] of Object.entries(BROKEN_STORES) as [
    StoreRule,
    (typeof BROKEN_STORES)[StoreRule],
  ][]) {
    it(`finds a store that ${fault}: ${rule}`, async () => {
      await expect(rulesOf(make, { patienceMs: 100 }).get(rule)!()).rejects.toThrow()
    })
  }

  it('fails a store that does not answer, after its patience', async () => {
    const silent = one(() => ({ ...memoryStore(), load: () => new Promise<never>(() => {}) }))
    const rule = rulesOf(silent, { patienceMs: 50 }).get('has nothing stored at first')!
    await expect(rule()).rejects.toThrow('waited 50 ms in vain: load()')
  })

  it('closes the place behind a rule that fails', async () => {
    let closed = 0
    const [, make] = BROKEN_STORES['has nothing stored at first']
    const rules = rulesOf(() => ({ ...make(), close: () => void (closed += 1) }))
    await expect(rules.get('has nothing stored at first')!()).rejects.toThrow()
    expect(closed).toBe(1)
  })
})
