import { sharedMemoryStore } from '@model-canary/core/controller'
import { describe, expect, it } from 'vitest'
import { manualClock } from './manual-clock.js'
import { BROKEN_STORES } from './store-contract/broken-stores.fixture.js'
import type { MakeStorePlace } from './store-contract/place.js'
import { type StoreContractOptions, type StoreRule, storeContract } from './store-contract.js'

/** The rules of the contract for a place, not run. */
function rulesOf(make: MakeStorePlace, options: StoreContractOptions = {}) {
  const bodies = new Map<StoreRule, () => Promise<void>>()
  const register = (name: string, body: () => Promise<void>) =>
    void bodies.set(name.replace(/^.*contract: /, '') as StoreRule, body)
  storeContract({ it: Object.assign(register, { skip: () => {} }) }, 'broken', make, options)
  return bodies
}

const inMemory: MakeStorePlace = () => {
  const clock = manualClock()
  const store = sharedMemoryStore({ clock })
  return { open: () => store, passTime: (ms) => clock.advance(ms) }
}

const ALL = [...rulesOf(inMemory).keys()]

const ABOUT_FLEETS = ALL.filter((rule) => !rulesOf(inMemory, { hasFleet: false }).has(rule))

/** Registers what is run, and says nothing of the rules that are skipped. */
const unseen = Object.assign((name: string, body: () => Promise<void>) => it(name, body), { skip: () => {} })

storeContract({ it: unseen }, 'sharedMemoryStore', inMemory, {
  skip: [
    {
      test: 'tells nothing after close()',
      reason: 'all replicas have the same store, and each ends its own followers',
    },
  ],
})

describe('storeContract', () => {
  it('has a broken store for every rule', () => {
    expect(Object.keys(BROKEN_STORES).sort()).toEqual([...ALL].sort())
  })

  for (const [rule, [fault, make, also = []]] of Object.entries(BROKEN_STORES)) {
    it(`finds a store that ${fault}: ${rule}`, async () => {
      const failed: string[] = []
      for (const [name, body] of rulesOf(make, { patienceMs: 150 })) await body().catch(() => failed.push(name))
      expect(failed.sort(), failed.join('; ')).toEqual(
        [rule, ...(also === 'all rules about fleets' ? ABOUT_FLEETS : also)].sort(),
      )
    })
  }

  it('leaves out the rules about fleets for a store without one', async () => {
    const make: MakeStorePlace = () => ({ open: () => ({ ...sharedMemoryStore(), fleet: undefined as never }) })
    const rules = rulesOf(make, { hasFleet: false })
    expect(rules.size).toBe(ALL.length - ABOUT_FLEETS.length)
    await rules.get('has a fleet, unless the contract is told otherwise')!()
    const unchecked = rulesOf(inMemory, { hasFleet: false })
    await expect(unchecked.get('has a fleet, unless the contract is told otherwise')!()).rejects.toThrow('hasFleet')
  })

  it('has one rule about reports for a store that keeps none: it must reject them', async () => {
    const rule = 'says that it keeps no reports, and rejects them'
    expect(rulesOf(inMemory).has(rule)).toBe(false)
    await expect(rulesOf(inMemory, { hasReports: false }).get(rule)!()).rejects.toThrow('createCanary refuses')
    const saying = () => {
      const store = sharedMemoryStore()
      return { open: () => ({ ...store, fleet: { ...store.fleet!, hasReports: false } }) }
    }
    await expect(rulesOf(saying, { hasReports: false }).get(rule)!()).rejects.toThrow('counts are lost')
    expect(
      rulesOf(inMemory, { hasReports: false }).has('gives the lease to one of ten processes at the same moment'),
    ).toBe(true)
  })

  it('waits for leases that run out where the place has no clock of its own', async () => {
    const rules = rulesOf(() => ({ open: sharedMemoryStoreOnce() }))
    await rules.get('ends a lease that is not renewed')!()
    const needsClock = rules.get('does not list a process that has not reported for a minute')!
    await expect(needsClock()).rejects.toThrow('add passTime() to the place, or skip this rule')
  })

  it('fails a store that does not answer, after its patience', async () => {
    const silent = () => ({ open: () => ({ ...sharedMemoryStore(), load: () => new Promise<never>(() => {}) }) })
    const rule = rulesOf(silent, { patienceMs: 50 }).get('has nothing stored at first')!
    await expect(rule()).rejects.toThrow('waited 50 ms in vain: load()')
  })
})

function sharedMemoryStoreOnce() {
  const store = sharedMemoryStore()
  return () => store
}
